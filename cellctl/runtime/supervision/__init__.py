"""The supervisor's side: starts, watches and ends the processes of a cell, and says whether it may act."""

from cellctl.runtime.supervision.live_cell import Interrupted, LiveCell

__all__ = ["Interrupted", "LiveCell"]
