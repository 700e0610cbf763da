"""`cellctl` and `python -m cellctl`: Ctrl-C ends it without a traceback, also while it is still loading."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    try:
        from cellctl.cli import run_app  # noqa: PLC0415  # loading takes long enough to be interrupted

        run_app()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
