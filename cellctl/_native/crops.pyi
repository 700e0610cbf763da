from typing import Any

def crop(
    pixels: Any,
    gain: Any,
    boxes: Any,
    mean: float,
    std: float,
    first: Any,
    weights: Any,
    per_width: Any,
    sums: Any,
    out: Any,
) -> None: ...
