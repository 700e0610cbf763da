"""Colours and small drawings of the terminal view, after ISA-101: grey is normal, colour means look here."""

from __future__ import annotations

from rich.text import Text

CALM = "grey70"
FAINT = "grey50"
STRONG = "bold grey93"
LOOK = "bold yellow"
ACT = "bold red"

NORMAL_STATES = ("EXECUTE", "STOPPED", "IDLE", "COMPLETE", "STARTING", "STOPPING", "RESETTING")
BAD_VERDICTS = ("INEFFECTIVE_ROLLED_BACK", "UNDECIDED", "CONFOUNDED", "REFUSED")
AFTER_RELEASE = ("RESTORED", "STILL_NEEDED", "PROVEN")
"""What the watch after a release has shown; all three are as they should be."""
BLOCKS = "▁▂▃▄▅▆▇█"


def state_style(state: str) -> str:
    """Style of a PackML state."""
    return STRONG if state in NORMAL_STATES else ACT


def verdict_style(state: str) -> str:
    """Style of a correction's state: only a verdict that did not help asks for attention."""
    return LOOK if state in BAD_VERDICTS else STRONG


def priority_style(priority: str) -> str:
    """Style of an alarm."""
    return ACT if priority == "high" else LOOK


def sparkline(values: tuple[float, ...], bound: float, width: int) -> str:
    """The course of a test between -bound (bottom) and +bound (top)."""
    if not values or bound <= 0:
        return ""
    step = max(1, -(-len(values) // width))
    shown = values[::-1][::step][::-1]
    top = len(BLOCKS) - 1
    return "".join(BLOCKS[round(top * min(1.0, max(0.0, (value / bound + 1.0) / 2.0)))] for value in shown)


def subject(defect: str, side: str) -> str:
    """A class and its coated edge; the class alone for the whole width."""
    return defect if side == "none" else f"{defect} {side}"


def short(tag: str) -> str:
    """A tag without its device."""
    return tag.partition(".")[2]


def bar(share: float, width: int = 31) -> Text:
    """How far something has come, 0 to 1."""
    done = round(width * min(1.0, max(0.0, share)))
    return Text("━" * done, CALM).append("─" * (width - done), FAINT)


def gauge(value: float, bound: float, width: int = 31) -> Text:
    """Where a test stands between "no effect" (left end) and "helped" (right end)."""
    share = min(1.0, max(0.0, (value / bound + 1.0) / 2.0)) if bound > 0 else 0.5
    position = round(share * (width - 1))
    text = Text("─" * position, FAINT)
    text.append("●", STRONG)
    text.append("─" * (width - 1 - position), FAINT)
    return text
