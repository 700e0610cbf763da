"""Draws the guide's pictures of a report: `make picture`.

They show a run of the coater in virtual time with rendered images, so everybody gets the same ones.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import msgspec
from PIL import Image

from cellctl.report import read_run
from cellctl.report.pdf import to_pictures
from cellctl.report.run_report import run_report
from cellctl.runtime.loading import load_cell
from cellctl.runtime.lockstep import LockstepCell

ROOT = Path(__file__).parents[2]
RUN = ROOT / "out" / "pictures" / "coater-01"
IMAGES = ROOT / "docs" / "images"
SECONDS = 400.0
"""Long enough for a correction that is taken back, missed, made again and PROVEN."""
PER_INCH = 100.0
GREYS = 16
"""Shades in a picture: with more it would be several times as large."""


def main() -> None:
    """Run the coater, and draw its report's beginning and the page of its first correction."""
    _run()
    report = run_report(read_run(RUN), str)
    details = [section.id for section in report.sections].index("details")
    for name, sections, number in (
        ("report-top", report.sections[:3], 0),
        ("report-correction", report.sections[details : details + 2], 1),
    ):
        drawn = to_pictures(msgspec.structs.replace(report, sections=sections), str, per_inch=PER_INCH)
        path = IMAGES / f"{name}.png"
        path.write_bytes(_small(drawn[number]))
        sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB\n")


def _run() -> None:
    cell = load_cell(ROOT / "configs" / "coater.yaml", lockstep=True, seed=3, world={"eyes": "rendered"})
    shutil.rmtree(RUN, ignore_errors=True)
    live = LockstepCell(cell, RUN)
    live.start()
    live.run(1.5)
    live.arm()
    live.run(SECONDS)
    live.stop()


def _small(png: bytes) -> bytes:
    """The page in shades of grey."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("L").quantize(GREYS).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
