"""Writes a report to disk: what the commands share."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from cellctl.errors import ConfigError, Translate, Where
from cellctl.report.needs import check_packages
from cellctl.report.run_record import RunRecord


class Kind(StrEnum):
    """Which report; the value is the name of its file."""

    RUN = "report.html"
    SHADOW = "shadow-report.html"


def write_report(
    kind: Kind, run: RunRecord, out: Path | None, *, pdf: bool, say: Translate = str, language: str = "en"
) -> list[Path]:
    """Write a report as HTML, and as PDF beside it when that is wanted; returns the files.

    Raises ConfigError: CELL-1200 when a package is missing, CELL-1201 for a file name that is no HTML file's,
    CELL-1202 when the file cannot be written.
    """
    check_packages(pdf=pdf)
    target = out or run.folder / kind.value
    if target.suffix != ".html":
        raise ConfigError("CELL-1201", "--out: expected the name of an .html file, got {name!r}", name=target.name,
                          do="write --out {example}; --pdf puts the PDF beside it",
                          example=target.with_suffix(".html").name)  # fmt: skip
    from cellctl.report.html import to_html  # noqa: PLC0415  # needs packages that were just looked for
    from cellctl.report.run_report import run_report  # noqa: PLC0415
    from cellctl.report.shadow import shadow_report  # noqa: PLC0415

    document = (run_report if kind is Kind.RUN else shadow_report)(run, say)
    written = [_write(target, to_html(document, say, language).encode())]
    if pdf:
        from cellctl.report.pdf import to_pdf  # noqa: PLC0415

        written.append(_write(target.with_suffix(".pdf"), to_pdf(document, say, language)))
    return written


def _write(path: Path, data: bytes) -> Path:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ConfigError("CELL-1202", "the report cannot be written: {fault}", where=Where(str(path)),
                          do="name a file in a folder that exists and that you may write to, with --out",
                          fault=error.strerror or str(error)) from error  # fmt: skip
    return path


def terminal_lines(run: RunRecord, say: Translate = str) -> Iterator[str]:
    """What loops would have done, in a few lines."""
    check_packages(pdf=False)
    from cellctl.report.shadow import shadow_text  # noqa: PLC0415

    return (line.said(say) for line in shadow_text(run))
