"""How much of the web was seen lately: frames that were lost or could not be judged, among the last of each camera."""

from __future__ import annotations

from collections import deque

from cellctl.model.inspection import Inspection, Judgement

OF_LAST = 400
"""Frames that are looked back on: ten seconds of a camera with 39 frames per second."""
SHARE_LIMIT = 0.10
"""Above this share of unseen frames a loop does not act: it does not know what it does not see."""


class Sight:
    """Counts the unseen frames of every camera."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[bool]] = {}
        self._unseen: dict[str, int] = {}

    def see(self, inspection: Inspection) -> None:
        """Account for one frame and those that were lost directly before it."""
        camera = inspection.camera
        judged = inspection.judgement is not Judgement.INDETERMINATE
        if camera not in self._seen:
            self._seen[camera], self._unseen[camera] = deque([True] * OF_LAST, maxlen=OF_LAST), 0
        if inspection.lost_frames:
            for _ in range(min(inspection.lost_frames, OF_LAST)):
                self._note(camera, seen=False)
        self._note(camera, seen=judged)

    def _note(self, camera: str, *, seen: bool) -> None:
        frames = self._seen[camera]
        if seen is not frames[0]:
            self._unseen[camera] += 1 if frames[0] else -1
        frames.append(seen)

    def fault(self, camera: str = "") -> str:
        """That this camera (any, without a name) misses too much, in words; empty when it does not."""
        for name, unseen in self._unseen.items():
            if camera in {"", name} and unseen > SHARE_LIMIT * OF_LAST:
                return f"{unseen} of the last {OF_LAST} frames of {name} were lost or could not be judged"
        return ""
