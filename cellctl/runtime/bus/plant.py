"""The plant as the bus process knows it: its tags, their latest values, and what is read together."""

from __future__ import annotations

from typing import NamedTuple

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import GuardRules, Web
from cellctl.devices.modbus.blocks import Block, merge
from cellctl.devices.modbus.settings import Handshake, ModbusSettings
from cellctl.devices.tags import Bank, Tag, TagTable
from cellctl.devices.values import ValueStore
from cellctl.errors import ConfigError
from cellctl.model.guarding import Plant
from cellctl.model.packml import PackMLState, UnitMode
from cellctl.runtime.bus.polls import Polls
from cellctl.units import Quantity


class HandshakeTags(NamedTuple):
    """The tags by which cell and PLC make sure of each other; see `Handshake` of the settings."""

    heartbeat: Tag
    sequence: Tag
    echo: Tag
    accept: Tag
    plc_heartbeat: Tag | None = None
    state: Tag | None = None
    mode: Tag | None = None


class PlantImage:
    """Tags and values of one device.

    Attributes:
        handshake: its tags; None for a device that is only read.

    Raises ConfigError CELL-1036 when the handshake or the guard names a tag that the table does not have, or one
    whose value in force cannot be read back.
    """

    def __init__(self, name: str, settings: ModbusSettings, table: TagTable, rules: GuardRules, web: Web) -> None:
        self.name = name
        self._table = table
        self._rules = rules
        self.values = ValueStore(name, table.tags, settings.poll, settings.uncertain_after, settings.bad_after)
        self.handshake = self._handshake_tags(settings.handshake) if settings.handshake else None
        self.setpoints = {point.tag: self._setpoint_tag(point.tag) for point in rules.setpoints if self.owns(point.tag)}
        self.polls = Polls({poll: merge(tags) for poll, tags in table.polled().items()}, settings.poll)
        self.readback = merge([self.handshake.accept, *self.setpoints.values()] if self.handshake else [])
        self._encoder = self._travel(web.encoder, "mm")
        self._speed = self._travel(web.speed, "mm/s")

    def owns(self, tag: str) -> bool:
        """Whether `<device>.<name>` belongs to this device."""
        return tag.startswith(f"{self.name}.")

    def between(self, base: int, size: int) -> list[Tag]:
        """Writable tags with a readable value in force whose register lies in `base … base + size`."""
        block = range(base + 1, base + size)
        return [tag for tag in self._table.tags if tag.in_force and tag.address.bank is Bank.HOLDING
                and tag.address.register in block]  # fmt: skip

    def take(self, block: Block, registers: list[int], now_ns: int) -> None:
        """Store what a read of a block brought: registers, or bits as 0 and 1."""
        self.values.put_all(block.numbers(registers), now_ns)
        self.values.put_texts(block.texts(registers), now_ns)

    def raw(self, tag: Tag) -> float:
        """The last value of a tag that was read at least once."""
        known = self.values.raw(tag.name)
        return known[0] if known else float("nan")

    def oldest_ns(self, block: Block) -> int:
        """When the oldest value of a block was read, 0 if one never was."""
        return min((self.values.raw(tag.name) or (0.0, 0))[1] for tag in block.tags)

    def for_guard(self, now_ns: int) -> Plant:
        """What the guard may know."""
        in_force = {tag: self.values.get(item.name, now_ns) for tag, item in self.setpoints.items()}
        return Plant(self.values.alive, in_force, self.refusal(now_ns))

    def refusal(self, now_ns: int) -> str:
        """Why the controller takes no moves now, in words; empty while it does, or shows neither state nor mode.

        What is not known, or known only from before, is a reason.
        """
        if self.handshake is None:
            return ""
        return self._not_in(self.handshake.state, PackMLState.EXECUTE, now_ns) or self._not_in(
            self.handshake.mode, UnitMode.PRODUCTION, now_ns
        )

    def _not_in(self, tag: Tag | None, works: PackMLState | UnitMode, now_ns: int) -> str:
        """Why what the controller shows is not what it works in; empty when it is, or when it does not show it."""
        if tag is None:
            return ""
        shown, what = self.values.get(tag.name, now_ns), "state" if isinstance(works, PackMLState) else "mode"
        if not shown.quality.is_good:
            return f"the {what} of the controller is not known"
        name = next((it.name for it in type(works) if it == shown.value), f"{what} {shown.value:g}")
        return "" if shown.value == works else f"the controller is in {name}, not in {works.name.capitalize()}"

    def encoder_mm(self, now_ns: int) -> float:
        """Encoder position now: the last reading, moved on by the web speed; 0 when it was never read."""
        if self._encoder is None:
            return 0.0
        known, speed = self.values.raw(self._encoder[0].name), 0.0
        if known is None:
            return 0.0
        if self._speed is not None:
            speed = (self.values.raw(self._speed[0].name) or (0.0, 0))[0] * self._speed[1]
        return known[0] * self._encoder[1] + speed * (now_ns - known[1]) / NS_PER_S

    def _travel(self, tag: str, unit: str) -> tuple[Tag, float] | None:
        """A tag of the web's travel with the factor to `unit`; None when another device has it."""
        found = self._table.get(tag.removeprefix(f"{self.name}.")) if self.owns(tag) else None
        return None if found is None else (found, Quantity(1.0, found.unit).to(unit))

    def _handshake_tags(self, said: Handshake) -> HandshakeTags:
        """The tags behind the names."""
        found = {key: self._handshake_tag(name) for key, name in said if name}
        return HandshakeTags(**found)

    def _handshake_tag(self, name: str) -> Tag:
        tag = self._table.get(name)
        if tag is None:
            raise ConfigError("CELL-1036", "devices.{device}.handshake: expected a tag of the table, got {name!r}",
                              do="correct the name or add the tag", device=self.name, name=name)  # fmt: skip
        return tag

    def _setpoint_tag(self, tag: str) -> Tag:
        found = self._table.get(tag.removeprefix(f"{self.name}."))
        sequence = self.handshake.sequence.address if self.handshake else None
        if found is None or found.in_force is None or sequence is None or found.address <= sequence:
            what = "guard.envelope.{tag}: expected a set-point with in_force, behind the sequence register"
            raise ConfigError("CELL-1036", what, do="name the register that shows the value in force", tag=tag)
        return found
