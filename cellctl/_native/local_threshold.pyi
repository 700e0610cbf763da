from typing import Any

def local_threshold(
    pixels: Any, work: Any, ring: Any, total: Any, out: Any, window: int, least: int, start: int, stop: int
) -> None: ...
