"""Why nothing moves during a changeover, in words."""

from __future__ import annotations

from cellctl.config.resolved import ResolvedCell
from cellctl.model import CellState


def changing(cell: ResolvedCell, state: CellState | None) -> str:
    """`changing to LOT-0002: no moves until 1234 m`; empty while no changeover is under way."""
    if state is None or not state.changing:
        return ""
    recipe = state.product if state.product != cell.recipe.product else ""
    lot = state.lot if state.lot != cell.lot else ""
    target = " ".join(name for name in (recipe, lot) if name) or " ".join((state.product, state.lot)).strip()
    return f"changing to {target}: {_until(cell, state)}"


def _until(cell: ResolvedCell, state: CellState) -> str:
    settle = cell.changeover
    if not cell.web.encoder:
        return f"no moves for {settle.seconds:g} s"
    if state.since_mm is None:
        return f"no moves for {settle.metres:g} m of the new material"
    return f"no moves until {state.since_mm / 1000.0 + settle.metres:.0f} m"
