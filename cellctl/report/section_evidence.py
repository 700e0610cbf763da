"""Whether the record holds, what was run, and where to check it again."""

from __future__ import annotations

from cellctl.errors import text
from cellctl.report.document import Cell, Column, Facts, Look, Paragraph, Section, Table
from cellctl.report.run_record import RunRecord

SHOWN_OF_A_FAULT = 400
"""Characters of a check's finding; `cellctl verify` prints all of it."""


def evidence(run: RunRecord) -> Section:
    """The checks, the head, and the identity of configuration, model and software."""
    report = run.report
    lead = (
        Paragraph(text("The evidence holds. Compare the head with the one that was kept elsewhere."))
        if report.ok
        else Paragraph(text("The evidence does NOT hold. Run `cellctl verify` on the folder for every fault."),
                       Look.ATTENTION)
    )  # fmt: skip
    columns = (Column(text("check")), Column(text("result")), Column(text("found")))
    rows = tuple(
        (check.name, Cell(text("holds")) if check.ok else Cell(text("DOES NOT HOLD"), Look.ATTENTION),
         check.detail if len(check.detail) <= SHOWN_OF_A_FAULT else f"{check.detail[:SHOWN_OF_A_FAULT]} …")
        for check in report.checks
    )  # fmt: skip
    return Section("evidence", text("Evidence"), (lead, Facts(_identity(run)), Table(columns, rows)))


def _identity(run: RunRecord) -> tuple[tuple[object, object], ...]:
    rows: list[tuple[object, object]] = [(text("head of the ledger"), Cell(run.report.head, code=True))]
    if run.opened is not None:
        rows += [
            (text("configuration, SHA-256"), Cell(run.opened.config_hash, code=True)),
            (text("classifier, SHA-256"), Cell(run.opened.model_hash or "–", code=True)),
            (text("seed"), str(run.opened.seed)),
            (text("software"), ", ".join(f"{name} {number}" for name, number in sorted(run.opened.versions.items()))),
        ]
    if run.resumed:
        rows.append((text("recorder started again"), str(run.resumed)))
    return tuple(rows)
