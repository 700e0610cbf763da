"""The view as one line of text, for logs and pipes."""

from __future__ import annotations

from cellctl.hmi.view import CellView


def plain_line(view: CellView) -> str:
    """State, web, what was seen, the newest correction, what is out of tolerance, what waits for a person.

    Of the alarms and the open questions one each, and how many more there are.
    """
    seen = ", ".join(
        f"{row.defect}{'' if row.side == 'none' else ' ' + row.side} {row.recent_per_m:.2f}/m"
        for row in view.defects
        if row.recent
    )
    parts = [
        f"{int(view.elapsed_s) // 60:02d}:{int(view.elapsed_s) % 60:02d}",
        view.state,
    ]
    parts += [view.changing] if view.changing else []
    if view.has_web:
        parts.append("web -" if view.encoder_m is None else f"web {view.encoder_m:.1f} m")
    if view.has_frames:
        parts += [f"frames: {view.judged} judged, {view.dropped} dropped", f"seen {seen or 'nothing'}"]
    parts += [f"{it.name}: {it.judged} windows judged, {it.ng} NG, {it.lost} lost" for it in view.sensors]
    if view.corrections:
        newest = view.corrections[0]
        parts.append(f"{newest.transaction} {newest.state} {newest.old:.2f} to {newest.proposed:.2f} {newest.unit}")
    parts += [
        f"{row.characteristic} {row.value:.4g} {row.unit}"
        for row in view.regulators
        if row.value is not None and (not view.has_frames or abs(row.value - row.target) > row.tolerance)
    ]
    parts += [f"ALLOW? {advice.transaction}" for advice in view.advices[:1] if advice.left_s is not None]
    parts += [f"{report.id} {report.defect}" for report in view.nonconformities[:1]]
    parts += [f"ALARM {alarm.text}{_more(len(view.alarms))}" for alarm in view.alarms[:1]]
    open_ = [row for row in view.questions if not row.settled]
    parts += [f"ASKED {row.id}: {how_to_answer()}{_more(len(open_))}" for row in open_[:1]]
    return " | ".join(parts)


def how_to_answer() -> str:
    """What a person types to answer a question, in short; its id stands before it."""
    return "cellctl answer RUN ID --label …"


def _more(there: int) -> str:
    return f" (+{there - 1} more)" if there > 1 else ""
