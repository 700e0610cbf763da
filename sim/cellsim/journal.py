"""The line's own files: ground truth and the PLC's log; the cell never reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cellsim.plant.coater import Made
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.intensity import normal_rate, rate_at_recipe
from cellsim.plant.schedule import Episode
from cellsim.plc import registers as reg
from cellsim.plc.program import Command, Events
from cellsim.plc.referee import Referee
from cellsim.render.web_object import WebObject

_FOREVER_MM = 1e9
"""An episode whose end lies behind this has none."""


class JsonLines:
    """A file with one JSON value per line, complete after every write."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", buffering=1)

    def write(self, **record: Any) -> None:
        """Append one record."""
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Truth:
    """Every true object and episode, as `truth.jsonl`.

    Records: `{"record": "episode", …}` with its true rate at the recipe, `{"record": "object", …}` with
    `s_mm`, the encoder position when the object's middle passed the blade, `{"record": "harmless", …}`, and
    `{"record": "cleared", …}` when a purge has ended a streak.
    """

    def __init__(self, path: Path, settings: CoaterSettings) -> None:
        self._lines = JsonLines(path)
        self._settings = settings
        self.objects: dict[str, int] = {}
        for episode in settings.schedule.episodes:
            self.begin(episode)

    def begin(self, episode: Episode) -> None:
        """A hidden cause stands on a stretch of web, which may begin only later."""
        normal = normal_rate(self._settings, episode.defect)
        self._lines.write(
            record="episode",
            defect=episode.defect,
            side=episode.side.value,
            from_mm=episode.from_mm,
            to_mm=episode.to_mm if episode.to_mm < _FOREVER_MM else None,
            deficit=episode.deficit,
            rate_per_m=rate_at_recipe(self._settings, episode),
            normal_per_m=normal,
        )

    def clear(self, streak: WebObject) -> None:
        """A purge has ended a streak, which is then this long."""
        self._lines.write(
            record="cleared",
            defect=streak.defect,
            from_mm=round(streak.from_mm, 3),
            to_mm=round(streak.to_mm, 3),
            y_mm=round(streak.y_mm, 3),
        )

    def add(self, made: Made) -> None:
        """An object came to be."""
        thing = made.thing
        harmless = made.cause == "harmless"
        if not harmless:
            self.objects[thing.defect] = self.objects.get(thing.defect, 0) + 1
        self._lines.write(
            record="harmless" if harmless else "object",
            defect=thing.defect,
            side=thing.side.value,
            s_mm=round(thing.centre_mm, 3),
            from_mm=round(thing.from_mm, 3),
            to_mm=round(thing.to_mm, 3),
            y_mm=round(thing.y_mm, 3),
            length_mm=round(thing.length_mm, 3),
            width_mm=round(thing.width_mm, 3),
            cause=made.cause,
        )

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


class PlcLog:
    """What the PLC was asked and did, as `plc.jsonl`; it is the referee for envelope violations.

    Records carry `t_ns` (monotonic) and `event`: `command`, `in_force`, `watchdog`, `state`.
    """

    def __init__(self, path: Path, now_ns: int) -> None:
        self._lines = JsonLines(path)
        self._referee = Referee(now_ns)
        self._state = 0
        self.commands = self.refused = self.watchdog_trips = 0

    @property
    def envelope_violations(self) -> int:
        """Values asked for outside of the referee's envelope so far."""
        return self._referee.violations

    def scan(self, t_ns: int, events: Events, state: int) -> None:
        """Write down what one scan did."""
        if state != self._state:
            self._state = state
            self._lines.write(t_ns=t_ns, event="state", state=state)
        if events.watchdog is not None:
            self.watchdog_trips += events.watchdog
            self._lines.write(t_ns=t_ns, event="watchdog", tripped=events.watchdog)
        if events.command is not None:
            self._command(events.command)
        self._referee.in_force(t_ns, events.changed)
        for k, value in events.changed.items():
            clamp = reg.CLAMPS[k]
            self._lines.write(t_ns=t_ns, event="in_force", tag=clamp.name, value=round(value * clamp.scale, 4))

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    def _command(self, command: Command) -> None:
        self.commands += 1
        self.refused += command.code != 0
        violations = self._referee.judge(command.t_ns, command.asked)
        asked = {
            reg.CLAMPS[k].name: round(value * reg.CLAMPS[k].scale, 4)
            for k, value in command.asked.items()
            if value != reg.CLAMPS[k].recipe
        }
        self._lines.write(
            t_ns=command.t_ns,
            event="command",
            seq=command.seq,
            accept_code=int(command.code),
            accept=command.verdict,
            asked=asked,
            envelope_violations=violations,
        )
