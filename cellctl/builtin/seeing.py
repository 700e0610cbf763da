"""What inspectors of any kind share: the blind camera, lost frames, and how many images are kept."""

from __future__ import annotations

import hashlib
import struct
from collections import deque

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.model.events import Alarm, Priority
from cellctl.model.frame import Frame
from cellctl.model.inspection import RoiImage, WholeFrame
from cellctl.model.message import Stamp


class ImageBudget:
    """How many images may still be sent: at most `per_s` within any second."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._sent_ns: deque[int] = deque()

    def take(self, now_ns: int) -> bool:
        """Take one image from the budget; False when it is used up."""
        while self._sent_ns and self._sent_ns[0] <= now_ns - NS_PER_S:
            self._sent_ns.popleft()
        if len(self._sent_ns) >= self._per_s:
            return False
        self._sent_ns.append(now_ns)
        return True


class Blindness:
    """Notices a camera that delivers frames of which none can be judged.

    A dark or frozen camera keeps sending, so nothing else finds it silent, and a cell that cannot see the web must
    not act on it. The first frames after the start, from which the reference is learnt, are no fault and do not count.

    Args:
        limit_ns: frames without a judgement for longer than this, by their stamps, are a fault.
        grace: frames that the reference needs.
    """

    def __init__(self, limit_ns: int, grace: int) -> None:
        self._limit_ns = limit_ns
        self._grace = grace
        self._since_ns: int | None = None
        self._standing: Alarm | None = None

    def see(self, frame: Frame, reason: str) -> Alarm | None:
        """Account for a frame that was judged, or not for `reason`; returns the alarm when it changes."""
        if not reason:
            self._grace, self._since_ns = 0, None
            return self._clear(frame)
        if self._grace:
            self._grace -= 1
            return None
        if self._since_ns is None:
            self._since_ns = frame.stamp.t_ns
        blind_ns = frame.stamp.t_ns - self._since_ns
        return self._raise(frame, blind_ns, reason) if blind_ns > self._limit_ns and self._standing is None else None

    def learn_again(self, grace: int) -> None:
        """The reference is learnt anew: so many frames without a judgement are no fault."""
        if self._standing is None:
            self._grace, self._since_ns = grace, None

    def _raise(self, frame: Frame, blind_ns: int, reason: str) -> Alarm:
        self._standing = Alarm(
            stamp=frame.stamp,
            id=f"camera.{frame.camera}.blind",
            active=True,
            priority=Priority.HIGH,
            text=(
                f"no frame of {frame.camera} could be judged for {blind_ns / NS_PER_S:.1f} s ({reason}). "
                "Check its lamp, lens and cable, then start the cell again"
            ),
            holds=True,
        )
        return self._standing

    def _clear(self, frame: Frame) -> Alarm | None:
        if self._standing is None:
            return None
        raised, self._standing = self._standing, None
        return msgspec.structs.replace(raised, stamp=frame.stamp, active=False)


def roi_image(pixels: bytes, rows: int, columns: int, stamp: Stamp) -> RoiImage:
    """An image message with the hash that `RoiImage.hash` documents."""
    digest = hashlib.sha256(struct.pack("<II", rows, columns) + pixels).hexdigest()
    return RoiImage(stamp=stamp, hash=digest, rows=rows, columns=columns, pixels=pixels)


def whole_image(pixels: bytes, frame: Frame) -> RoiImage:
    """An image message of a whole frame, which says which one it is."""
    image = roi_image(pixels, frame.rows, frame.columns, frame.stamp)
    return msgspec.structs.replace(image, whole=WholeFrame(frame.camera, frame.frame_id, frame.span))


def lost_between(before: Frame | None, frame: Frame) -> int:
    """Frames missing between two; -1 when the count runs backwards, as after a restart of the camera."""
    if before is None:
        return 0
    return max(-1, frame.frame_id - before.frame_id - 1)
