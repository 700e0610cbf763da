from typing import Any

SEGMENT: int

def find(
    pixels: Any,
    lo: Any,
    hi: Any,
    gain: Any,
    sample_every: int,
    saturation: int,
    smallest: int,
    reach_rows: int,
    reach_columns: int,
    active: Any,
    last: Any,
    parent: Any,
    work: Any,
    out: Any,
    sums: Any,
    counts: Any,
    measures: Any,
) -> None: ...
