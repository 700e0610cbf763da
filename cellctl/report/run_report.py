"""The report of a run, put together from its parts."""

from __future__ import annotations

from cellctl.errors import Translate, text
from cellctl.report import section_corrections as corrections
from cellctl.report import section_course as course
from cellctl.report.document import Document, Section
from cellctl.report.moves import Moves, moves_of, on_the_web
from cellctl.report.run_record import RunRecord
from cellctl.report.section_evidence import evidence
from cellctl.report.section_inputs import unjudged, windows
from cellctl.report.section_people import intervals, people
from cellctl.report.section_top import five_lines, head, warnings
from cellctl.report.shadow import advices, marks
from cellctl.report.style import styled
from cellctl.report.travel import Travel


def run_report(run: RunRecord, say: Translate) -> Document:
    """Everything that a run's record tells, most important first.

    Args:
        run: what `read_run` found.
        say: for the words inside charts; those around them are said when the document is drawn.
    """
    travel, moves = Travel(run), moves_of(run)
    with styled():
        sections: list[Section | None] = [
            five_lines(run),
            _rates(run, travel, moves, say),
            corrections.overview(run, moves),
            advices(run, travel) if run.advices else None,
            course.setpoints(run, travel, say),
            course.process(run, travel, say),
            course.latency(run, say),
            course.pareto(run, say),
            windows(run, say),
            unjudged(run),
            people(run),
            intervals(run),
            evidence(run),
            *corrections.pages(run, moves, say),
        ]
    return Document(
        title=text("Report of a run: {cell}", cell=run.cell.id if run.cell is not None else run.folder.name),
        facts=head(run),
        warnings=tuple(warnings(run)),
        sections=tuple(section for section in sections if section is not None),
        end_ns=run.end_unix_ns,
    )


def _rates(run: RunRecord, travel: Travel, moves: Moves, say: Translate) -> Section:
    """With the corrections as marks, or the advices in a run that made none."""
    if run.corrections or not run.advices:
        return course.rates(run, travel, on_the_web(run, moves), say)
    return course.rates(run, travel, marks(run, travel), say, advised=True)
