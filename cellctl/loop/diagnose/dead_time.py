"""From where on the web shows a move: metres of material, not seconds.

A set-point acts where its actuator stands: `acts_at_m` behind the blade the web under it is older by that length. An
actuator that is slow (oven air) has its full effect only `settle_s` after its value is in force; what passes it until
then belongs neither to before nor to after. So material counts from

    s ≥ encoder(in force + settle_s) - acts_at_m + settle_m

in the coordinate of the blade, and what the camera sees of it comes a dead time later, whatever the speed.
"""

from __future__ import annotations

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Influence, Loop
from cellctl.loop.diagnose.situation import Situation

NO_INFLUENCE = Influence(0.0)


class DeadTime:
    """Waits until a set-point has its effect, and then knows the first material made with it.

    Attributes:
        is_known: the effect is complete, and its place on the web is known.
        from_mm: material from here on was made after the move; 0 until it is known.
    """

    def __init__(self, loop: Loop, situation: Situation) -> None:
        row = situation.cell.defect(loop.watch.defect)
        influence = row.influence.get(loop.tag, NO_INFLUENCE) if row is not None else NO_INFLUENCE
        self._settle_ns = round(influence.settle_s * NS_PER_S)
        self._offset_mm = (loop.verify.settle_m - influence.acts_at_m) * 1000.0
        self._encoder = situation.cell.web.encoder
        self._plant = situation.plant
        self._settled_ns = 0
        self.from_mm = 0.0
        self.is_known = False

    def in_force(self, t_ns: int, encoder_mm: float) -> None:
        """The value was confirmed in force then and there."""
        self._settled_ns = t_ns + self._settle_ns
        if not self._settle_ns:
            self._found(encoder_mm)

    def nothing_moved(self, seen_mm: float) -> None:
        """There is nothing to wait for: all material that was not seen yet counts."""
        self.from_mm, self.is_known = seen_mm, True

    def look(self) -> bool:
        """Look at the encoder; True once the place is known. The first reading after the effect is complete counts."""
        if self._settled_ns and not self.is_known:
            latest = self._plant.get(self._encoder)
            if latest is not None and latest.quality.is_good and latest.t_ns >= self._settled_ns:
                self._found(latest.value)
        return self.is_known

    def _found(self, encoder_mm: float) -> None:
        self.from_mm, self.is_known = encoder_mm + self._offset_mm, True
