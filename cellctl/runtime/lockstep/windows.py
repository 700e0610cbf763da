"""Windows on their way: the samples stay here, the message says which ones."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import AbstractContextManager, nullcontext

from cellctl.errors import EvidenceError
from cellctl.model import SlotRef, Waveform
from cellctl.runtime.framing import waveform_of
from cellctl.runtime.lockstep.frames import KEPT
from cellctl.sdk.plugin import Samples
from cellctl.sdk.waveform import Channel
from cellctl.sdk.world import Window


class WindowShelf:
    """The latest windows of one sensor.

    Args:
        device: device name.
        channel: shape of its windows.
    """

    def __init__(self, device: str, channel: Channel) -> None:
        self._device, self._channel = device, channel
        self._kept: OrderedDict[int, Samples] = OrderedDict()
        self._count = 0

    def put(self, window: Window, now_ns: int) -> Waveform:
        """Keep a window; returns the message that names it."""
        self._count += 1
        window.samples.flags.writeable = False
        self._kept[self._count] = window.samples
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        slot = SlotRef(self._device, self._count % KEPT, self._count, 0)
        return waveform_of(self._device, window.grab, self._channel, slot=slot, received_ns=now_ns)

    def borrow(self, waveform: Waveform) -> AbstractContextManager[Samples]:
        """The samples of a window; EvidenceError (CELL-4001) when they were replaced meanwhile."""
        samples = self._kept.get(waveform.slot.generation)
        if samples is None:
            raise EvidenceError("CELL-4001", "window {window_id} of {device} was replaced by newer ones",
                                window_id=waveform.window_id, device=waveform.device)  # fmt: skip
        return nullcontext(samples)
