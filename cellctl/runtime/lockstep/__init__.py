"""The host of a cell in virtual time: one process, the same plugins, the same order at every repetition."""

from cellctl.runtime.lockstep.cell import LockstepCell

__all__ = ["LockstepCell"]
