"""Rendered blocks on their way: the pixels stay here, the message says which ones."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import AbstractContextManager, nullcontext

from cellctl.errors import EvidenceError
from cellctl.model import Frame, SlotRef
from cellctl.runtime.framing import frame_of
from cellctl.sdk.camera import Geometry
from cellctl.sdk.plugin import Pixels
from cellctl.sdk.world import Block

KEPT = 32
"""Blocks kept per camera: more than a plugin that takes time may have waiting (`topology.FRAME_DEPTH`)."""


class FrameShelf:
    """The latest blocks of one camera.

    Args:
        camera: device name.
        geometry: of its blocks.
        station_mm: where it stands, mm behind the blade.
    """

    def __init__(self, camera: str, geometry: Geometry, station_mm: float) -> None:
        self._camera, self._geometry, self._station_mm = camera, geometry, station_mm
        self._kept: OrderedDict[int, Pixels] = OrderedDict()
        self._count = 0

    def put(self, block: Block, now_ns: int) -> Frame:
        """Keep a block; returns the message that names it."""
        self._count += 1
        block.pixels.flags.writeable = False
        self._kept[self._count] = block.pixels
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        slot = SlotRef(self._camera, self._count % KEPT, self._count, 0)
        return frame_of(
            self._camera, block.grab, self._geometry, station_mm=self._station_mm, slot=slot, received_ns=now_ns
        )

    def borrow(self, frame: Frame) -> AbstractContextManager[Pixels]:
        """The pixels of a frame; EvidenceError (CELL-4001) when they were replaced meanwhile."""
        pixels = self._kept.get(frame.slot.generation)
        if pixels is None:
            raise EvidenceError(
                "CELL-4001",
                "frame {frame_id} of {camera} was replaced by newer ones",
                frame_id=frame.frame_id,
                camera=frame.camera,
            )
        return nullcontext(pixels)
