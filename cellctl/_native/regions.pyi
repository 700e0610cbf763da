from typing import Any

REGION_BYTES: int
RUN_BYTES: int
SPARE_COLUMNS: int
WORD_COLUMNS: int

def collect(runs: Any, places: Any, used: int, rows: int, columns: int, reach_rows: int, out: Any) -> None: ...
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
    words: Any,
    begins: Any,
    places: Any,
    last: Any,
    run: Any,
    parent: Any,
    weight: Any,
    black: Any,
    before: Any,
    compare: int,
    part_sums: Any,
    part_counts: Any,
    sums: Any,
    counts: Any,
    out: Any,
) -> None: ...
