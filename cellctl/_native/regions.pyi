from typing import Any

REGION_BYTES: int

def collect(parent: Any, work: Any, labels: int, smallest: int, out: Any) -> None: ...
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
    last: Any,
    parent: Any,
    work: Any,
    black: Any,
    before: Any,
    compare: int,
    part_sums: Any,
    part_counts: Any,
    sums: Any,
    counts: Any,
    lines: Any,
    count: Any,
) -> None: ...
