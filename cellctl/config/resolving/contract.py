"""From the sections of the contract to what is stored with a run."""

from __future__ import annotations

from cellctl.config.resolved.contract import ROLES, Contract, Signature, Waiver
from cellctl.config.sections.contract import ContractSection, SignaturesSection, WaiverSection


def resolve_contract(section: ContractSection | None) -> Contract | None:
    """The contract as the running cell reads it; None for a cell without one."""
    if section is None:
        return None
    return Contract(
        vibration_hz=section.vibration or 0.0,
        envelope_band_hz=section.envelope_band or 0.0,
        frame_rate_hz=dict(section.frame_rate),
        gap_s=section.gap,
        clock_s=section.clock,
        keep_s=section.images.keep,
        every=section.images.every or 0,
        objects_per_m=section.images.objects or 0.0,
        uplink=section.uplink,
        signatures=_signatures(section.signatures),
    )


def resolve_waivers(sections: tuple[WaiverSection, ...]) -> tuple[Waiver, ...]:
    """The waivers in the order of the file."""
    return tuple(
        Waiver(it.code, it.at, it.name, it.reason, it.until.isoformat() if it.until else "") for it in sections
    )


def _signatures(section: SignaturesSection) -> dict[str, Signature]:
    signed = {role: getattr(section, role) for role in ROLES}
    return {role: Signature(it.name, it.date.isoformat()) for role, it in signed.items() if it is not None}
