"""Which alarms of a loop stand, so that each is raised once and returned to normal once."""

from __future__ import annotations

from cellctl.config.resolved import Loop
from cellctl.model.events import Alarm, Priority
from cellctl.model.message import Message, Stamp


def alarm_name(loop: Loop, kind: str) -> str:
    """The id of a loop's alarm; questions to experts are named after the class, all else after the loop."""
    subject = loop.watch.defect if kind == "escalation" else loop.name
    return f"{kind}.{subject}.{loop.side}"


class AlarmBook:
    """The standing alarms of one loop; it appends to a list of messages to send.

    Args:
        out: messages to send.
        silent: raise nothing: a loop that only records calls nobody.
    """

    def __init__(self, out: list[Message], *, silent: bool = False) -> None:
        self._out = out
        self._silent = silent
        self._standing: dict[str, Alarm] = {}

    def raise_(self, name: str, priority: Priority, text: str, now_ns: int, objects: tuple[str, ...] = ()) -> None:
        """Raise an alarm, or update the text of one that stands."""
        if self._silent:
            return
        before = self._standing.get(name)
        if before is not None and before.text == text:
            return
        alarm = Alarm(stamp=Stamp(now_ns), id=name, active=True, priority=priority, text=text, objects=objects)
        self._standing[name] = alarm
        self._out.append(alarm)

    def stands(self, name: str) -> bool:
        """Whether this alarm was raised and has not returned to normal."""
        return name in self._standing

    def clear_all(self, now_ns: int) -> None:
        """Return every standing alarm to normal."""
        for name in tuple(self._standing):
            self.clear(name, now_ns)

    def clear(self, name: str, now_ns: int) -> None:
        """Return an alarm to normal, if it stands."""
        before = self._standing.pop(name, None)
        if before is not None:
            self._out.append(
                Alarm(
                    stamp=Stamp(now_ns),
                    id=name,
                    active=False,
                    priority=before.priority,
                    text=before.text,
                    objects=before.objects,
                )
            )
