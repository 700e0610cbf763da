"""`cellctl schema`: what may stand in a cell file, for editors."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from cellctl.errors import ConfigError
from cellctl.runtime.cell_schema import SHIPPED, schema_text


def schema(*, out: Path | None = None, shipped: bool = False) -> None:
    """Print the JSON Schema of a cell file, with the settings of the plugins and drivers that are installed here.

    Example: `cellctl schema --out cell.schema.json`

    An editor that knows YAML completes and explains keys when the cell's first line is
    `# yaml-language-server: $schema=cell.schema.json`. Write it again after installing a plugin or driver.

    Args:
        out: the file to write; a schema that is there is replaced.
        shipped: only what comes with cellctl and its simulated line.
    """
    text = schema_text(SHIPPED if shipped else None)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError("CELL-1231", "{path} cannot be written: {reason}", do="choose another file with --out",
                          path=out, reason=error.strerror or str(error)) from error  # fmt: skip
    Console(highlight=False).print(str(out), markup=False, soft_wrap=True)
