"""Writes docs/reference/ from the code: `make reference`. A test says whether the pages are current.

What a page says is taken from models, docstrings and texts, so nothing is described in two places.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # also when this file is run by itself


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        path = HERE / "reference" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(HERE.parent)}\n")


def pages() -> dict[str, str]:
    """File name → text of every generated page."""
    from docs.generating.cell import cell_page  # noqa: PLC0415  # found only with the path set above
    from docs.generating.commands import commands_page  # noqa: PLC0415  # as above
    from docs.generating.errors import errors_page  # noqa: PLC0415  # as above
    from docs.generating.messages import messages_page  # noqa: PLC0415  # as above
    from docs.generating.plugins import plugins_page  # noqa: PLC0415  # as above

    return {
        "cell.md": cell_page(),
        "commands.md": commands_page(),
        "errors.md": errors_page(),
        "messages.md": messages_page(),
        "plugins.md": plugins_page(),
    }


if __name__ == "__main__":
    main()
