"""What waits for a person, most urgent first: a yes, alarms, advice, reports, questions."""

from __future__ import annotations

from itertools import chain, zip_longest

from rich.console import Group, RenderableType
from rich.text import Text

from cellctl.hmi import marks
from cellctl.hmi.plain import how_to_answer
from cellctl.hmi.view import AdviceRow, AlarmRow, CellView, NonconformityRow, QuestionRow

FIELD = 9
HIGH = "high"
MOST_QUESTIONS = 2
"""Nothing waits for an answer, so questions leave the room to what is abnormal."""


def person_lines(view: CellView, most: int) -> RenderableType:
    """At most so many lines, and one that counts the rest.

    What a person has to do now (a yes, alarms of high priority) goes first; of the rest one of each kind in turn.
    """
    urgent = [_advice(row) for row in view.advices if row.left_s is not None]
    urgent += [_alarm(row) for row in view.alarms if row.priority == HIGH]
    kinds = (
        [_alarm(row) for row in view.alarms if row.priority != HIGH],
        [_advice(row) for row in view.advices if row.left_s is None],
        [_report(row) for row in view.nonconformities],
        [_question(row) for row in view.questions],
    )
    lines = urgent[:most]
    there = [len(kind) for kind in kinds[:-1]]
    shown = _fair([*there, min(len(view.questions), MOST_QUESTIONS)], most - len(lines))
    lines += [line for kind, count in zip(kinds, shown, strict=True) for line in kind[:count]]
    hidden = len(urgent) + sum(map(len, kinds)) - len(lines)
    if hidden:
        lines.append(Text(f"and {hidden} more", marks.FAINT))
    return Group(*lines) if lines else Text("nothing", marks.CALM)


def _fair(there: list[int], most: int) -> list[int]:
    """How many of each kind are shown: one of each in turn, in their order, until the room is used."""
    turns = chain.from_iterable(zip_longest(*([kind] * count for kind, count in enumerate(there))))
    chosen = [kind for kind in turns if kind is not None][:most]
    return [chosen.count(kind) for kind in range(len(there))]


def _line(field: str, style: str, text: str) -> Text:
    return Text.assemble((f"{field:<{FIELD}}", style), (text, marks.CALM), no_wrap=True, overflow="ellipsis")


def _alarm(row: AlarmRow) -> Text:
    return _line(row.priority.upper(), marks.priority_style(row.priority), row.text)


def _advice(row: AdviceRow) -> Text:
    move = f"{marks.short(row.tag)} {row.old:.4g} → {row.proposed:.4g} {row.unit}, {row.gain:.0%} fewer {row.defect}"
    if row.left_s is None:
        return _line("ADVICE", marks.LOOK, f"{move}; nothing is moved")
    return _line("ALLOW?", marks.ACT, f"{row.left_s:.0f} s left: cellctl confirm RUN {row.transaction}: {move}")


def _report(row: NonconformityRow) -> Text:
    return _line(row.id, marks.LOOK,
                 f"{row.defect} {row.from_m:.1f} to {row.to_m:.1f} m, not fixable here: {row.cause}")  # fmt: skip


def _question(row: QuestionRow) -> Text:
    objects = "1 object" if row.objects == 1 else f"{row.objects} objects"
    style = marks.FAINT if row.settled else marks.STRONG
    return _line("ASKED", style, f"{row.id}: {how_to_answer()} ({objects}): {row.text}")
