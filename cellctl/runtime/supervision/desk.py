"""Where people reach a running cell: what they may answer, allow and hand back, and what the cell makes of it.

The desk remembers the questions that the cell asked and the moves that wait for a yes, so that a mistyped name is
refused at once, with what there is instead.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from cellctl.clock import Clock
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigError
from cellctl.inspect.model_card import card_path, read_card
from cellctl.model import Advice, Alarm, Escalation, Instruction, Label, Message, Stamp
from cellctl.runtime.supervision.changeover import Announcement, Changeover
from cellctl.runtime.supervision.ordering import Command, Orders, unknown

MOST_QUESTIONS = 10_000
"""Questions remembered: days of a bad line; the oldest are forgotten first."""


class Answer(msgspec.Struct, frozen=True, tag=True):
    """An expert's answer; `object_id` empty means every object of the question."""

    escalation: str
    label: str
    object_id: str
    by: str
    note: str


Request = Answer | Command | Announcement
_DECODER = msgspec.json.Decoder(Request)


def encode(request: Request) -> str:
    """A request as it travels to the cell."""
    return msgspec.json.encode(request).decode()


class Desk:
    """Judges what people ask of one cell.

    Args:
        cell: the resolved cell.
        labels: what an expert may call an object.
        clock: stamps what is taken in.
        changeover: where another recipe or lot is announced.
    """

    def __init__(self, cell: ResolvedCell, labels: frozenset[str], clock: Clock, changeover: Changeover) -> None:
        self._labels = labels
        self._clock = clock
        self._changeover = changeover
        self._orders = Orders(cell)
        self._questions: dict[str, tuple[str, ...]] = {}

    def hear(self, message: Message) -> None:
        """Remember what can be answered."""
        if isinstance(message, Escalation):
            self._questions[message.id] = message.objects
            if len(self._questions) > MOST_QUESTIONS:
                del self._questions[next(iter(self._questions))]
        elif isinstance(message, Advice | Alarm):
            self._orders.hear(message)

    def carry_out(self, text: str) -> tuple[str, tuple[Message, ...]]:
        """Judge one request; returns the reply, and what the plugins are told.

        Raises CellError when there is nothing of that name, msgspec.DecodeError when it is no request.
        """
        request = _DECODER.decode(text)
        if isinstance(request, Announcement):
            return self._changeover.announce(request), ()
        return self._answer(request) if isinstance(request, Answer) else self._order(request)

    def _answer(self, answer: Answer) -> tuple[str, tuple[Message, ...]]:
        objects = self._questions.get(answer.escalation)
        if objects is None and not self._questions:
            raise ConfigError(
                "CELL-1063",
                "no question is open, and none is called {name!r}",
                do="answer when the cell asks: its display shows the name of each question",
                name=answer.escalation,
            )
        if objects is None:
            raise unknown("CELL-1063", "expected a question, got {name!r}", answer.escalation, self._questions)
        if answer.label not in self._labels:
            raise unknown("CELL-1064", "expected a label, got {name!r}", answer.label, sorted(self._labels))
        if answer.object_id and answer.object_id not in objects:
            raise unknown(
                "CELL-1065",
                "expected an object of {escalation}, got {name!r}",
                answer.object_id,
                objects,
                escalation=answer.escalation,
            )
        chosen = (answer.object_id,) if answer.object_id else objects
        labels = tuple(self._label(answer, object_id) for object_id in chosen)
        return f"taken in: {len(labels)} object(s) of {answer.escalation} are {answer.label}", labels

    def _order(self, command: Command) -> tuple[str, tuple[Message, ...]]:
        remark = self._orders.judge(command)
        stamp = Stamp(self._clock.now_ns())
        told = Instruction(stamp=stamp, order=command.order, subject=command.subject, by=command.by)
        return f"passed on: {command.order} {command.subject}{remark}", (told,)

    def _label(self, answer: Answer, object_id: str) -> Label:
        return Label(
            stamp=Stamp(self._clock.now_ns()),
            escalation=answer.escalation,
            object_id=object_id,
            label=answer.label,
            by=answer.by,
            note=answer.note,
        )


def labels_of(cell: ResolvedCell) -> frozenset[str]:
    """What an expert may call an object: the configured classes, and those of every recipe's classifier."""
    recipes = (cell.recipe, *(it.recipe for it in cell.products))
    found = {row.name for row in cell.defects}
    for model in sorted({recipe.model for recipe in recipes if recipe.model}):
        with contextlib.suppress(ConfigError):  # the inspector says what is wrong with it
            found |= set(read_card(card_path(Path(model))).classes)
    return frozenset(found)
