from typing import Any

def make(
    pixels: Any,
    gain: Any,
    rows: Any,
    row_weights: Any,
    first: Any,
    weights: Any,
    ratio: int,
    scale: float,
    shift: Any,
    sums: Any,
    whole_sums: Any,
    out: Any,
    start: int,
) -> None: ...
