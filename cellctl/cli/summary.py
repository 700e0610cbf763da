"""What `cellctl run` says of a run when it has ended, as its ledger has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from cellctl.cli.language import say
from cellctl.evidence import DeviceSummary, RecordKind, RunSummary

MOST_REASONS = 8


def print_summary(console: Console, summary: RunSummary) -> None:
    """Frames, windows and objects, then what the cell did about them; nothing for a run without any."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for noun, devices in ((say("frames"), summary.frames), (say("windows"), summary.windows)):
        for name, device in sorted(devices.items()):
            table.add_row(noun, f"{name}: {_judged(device)}")
            if device.lines:
                table.add_row("", say("lines of the bearing: {lines}", lines=counted(device.lines)))
            for line in _reasons(device):
                table.add_row("", line)
    if summary.frames:
        table.add_row(say("objects"), counted(summary.objects) or say("none"))
    for what, states in ((say("corrections"), summary.corrections), (say("advices"), summary.advices)):
        if states:
            table.add_row(what, counted(Counter(states.values())))
    counts = (summary.records[RecordKind.NONCONFORMITY], summary.records[RecordKind.ESCALATION], summary.alarms.raised)
    if any(counts):
        table.add_row(say("reports"), reports(*counts))
    if table.row_count:
        console.print(table, markup=False)


def reports(filed: int, questions: int, alarms: int) -> str:
    """`2 nonconformities, 41 questions, 1 alarm`: what was reported to people, each kind by its own name."""
    return ", ".join((
        say("1 nonconformity") if filed == 1 else say("{count} nonconformities", count=filed),
        say("1 question") if questions == 1 else say("{count} questions", count=questions),
        say("1 alarm") if alarms == 1 else say("{count} alarms", count=alarms),
    ))  # fmt: skip


def counted(counts: Counter[str]) -> str:
    """`12 NG, 3 OK`, the most frequent first."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda it: (-it[1], it[0])))


def _judged(device: DeviceSummary) -> str:
    judged = say("{count} judged ({verdicts}), {lost} lost", count=device.counts.total(),
                 verdicts=counted(device.counts), lost=device.lost)  # fmt: skip
    if not device.inspected_m:
        return judged
    return say("{judged}; {metres:.1f} m inspected", judged=judged, metres=device.inspected_m)


def _reasons(device: DeviceSummary) -> Iterable[str]:
    """Why something could not be judged: how many of each kind, and the first of them."""
    found = sorted(device.unjudged.values(), key=lambda it: -it.count)
    for reason in found[:MOST_REASONS]:
        yield say("{count} INDETERMINATE, the first: {first}", count=reason.count, first=reason.first)
    if len(found) > MOST_REASONS:
        yield say("and {count} for other reasons, on record", count=sum(it.count for it in found[MOST_REASONS:]))
