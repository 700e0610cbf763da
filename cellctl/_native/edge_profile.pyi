from typing import Any

def edge_profile(
    pixels: Any,
    expected: Any,
    line: Any,
    out: Any,
    reach: float,
    contrast: float,
    sign: int,
    lines: int,
    start: int,
    stop: int,
) -> None: ...
