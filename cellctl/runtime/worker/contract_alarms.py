"""A source's contract while the cell runs: what is broken is an alarm for a person, and holds nothing."""

from __future__ import annotations

from cellctl.config.resolved import ResolvedCell
from cellctl.model import Alarm, Priority, Stamp
from cellctl.quality.contract import Change, ContractWatch, Seen, Terms


class ContractAlarms:
    """Turns what the watch finds into alarms `contract.<device>.<term>`.

    Args:
        cell: the running cell; without a contract nothing is watched.
        device: name of the source.
        unit: what it counts: frames, samples.
        waits: a source that can be held back has no rate of its own, and is not watched.
    """

    def __init__(self, cell: ResolvedCell, device: str, *, unit: str, waits: bool) -> None:
        self._device = device
        terms = None if waits else _terms(cell, device, unit)
        self._watch = ContractWatch(terms) if terms is not None else None

    def see(self, seen: Seen) -> list[Alarm]:
        """Account for one frame or window; returns the alarms that are raised or return to normal."""
        if self._watch is None:
            return []
        return [self._alarm(change, seen.received_ns) for change in self._watch.see(seen)]

    def _alarm(self, change: Change, now_ns: int) -> Alarm:
        where = f"contract of {self._device}: {change.text}"
        return Alarm(
            stamp=Stamp(now_ns), id=f"contract.{self._device}.{change.term}", active=change.active,
            priority=Priority.MEDIUM,
            text=f"{where}. Check its trigger, cable and clock" if change.active else where,
        )  # fmt: skip


def _terms(cell: ResolvedCell, device: str, unit: str) -> Terms | None:
    contract = cell.contract
    if contract is None:
        return None
    is_camera = unit == "frames"
    rate_hz = contract.frame_rate_hz.get(device, 0.0) if is_camera else contract.vibration_hz
    speed = cell.recipe.web_speed_m_s if is_camera and cell.web.encoder else 0.0
    return Terms(rate_hz, contract.gap_s, contract.clock_s, speed, unit)
