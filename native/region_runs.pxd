"""From runs of candidates to regions: union-find over the runs within reach of each other.

Every run of a block is kept, with what has to be taken from its pixels while they are in the cache. Every column
remembers its last candidate in one number: row, end of the run, and the run's number. Whether it is recent enough is
one comparison, and what a run covers is passed in one step: where a later run has taken some of its columns, the two
have met and are one region already. The parent of a run is an earlier one, so one pass in order settles all of them.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t

from region_scan cimport Edges, Row

cdef enum:
    END_BIT = 32  # where the end of a run begins in a column's number; the run's own number is below
    ROW_BIT = 48
    END_MASK = 65535

cdef struct Run:
    int32_t x0
    int32_t x1
    int32_t y
    float sum_contrast
    float min_contrast
    float max_contrast

cdef struct Runs:
    Run *run
    int32_t *parent
    int64_t *last
    int32_t used
    int32_t room
    int32_t rows
    int32_t reach_rows
    int32_t reach_columns
    int64_t candidates
    bint overflow


cdef inline int32_t root_of(int32_t *parent, int32_t run) noexcept nogil:
    """The first run of a region; halves the path on the way, so chains stay short."""
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


cdef inline void measure_contrast(Run *run, const Row *row) noexcept nogil:
    """Sum and extremes of `p · gain − 1` over a run; what is not a number stays out of the extremes."""
    cdef float total = 0, least = INFINITY, most = -INFINITY, contrast
    cdef int32_t x
    for x in range(run.x0, run.x1):
        contrast = row.pixels[x] * row.gain[x] - 1
        total += contrast
        least = min(least, contrast)
        most = max(most, contrast)
    run.sum_contrast, run.min_contrast, run.max_contrast = total, least, most


cdef inline int32_t join(Runs *runs, const Row *row, const Run *run) noexcept nogil:
    """Make one of all regions within reach of a run; returns their first run, or this one where there is none."""
    cdef int32_t first = runs.used, other, x = max(run.x0 - runs.reach_columns, 0)
    cdef int32_t end = min(run.x1 + runs.reach_columns, row.columns)
    cdef int64_t oldest = <int64_t> max(row.y - runs.reach_rows, 0) << ROW_BIT, last
    while x < end:
        last = runs.last[x]
        if last < oldest:
            x += 1
            continue
        x = last >> END_BIT & END_MASK
        other = root_of(runs.parent, <int32_t> last)
        if other < first:
            if first < runs.used:
                runs.parent[first] = other
            first = other
        elif other > first:
            runs.parent[other] = first
    return first


cdef inline void remember(int64_t *last, const Run *run, int32_t number) noexcept nogil:
    """Note a run's row, end and number in its columns."""
    cdef int64_t note = <int64_t> run.y << ROW_BIT | <int64_t> run.x1 << END_BIT | number
    cdef int32_t x
    for x in range(run.x0, run.x1):
        last[x] = note


cdef inline void add_run(Runs *runs, const Row *row, int32_t x0, int32_t x1) noexcept nogil:
    """Give a run to the region it belongs to."""
    cdef Run *run = runs.run + runs.used
    run.x0, run.x1, run.y = x0, x1, row.y
    measure_contrast(run, row)
    runs.parent[runs.used] = join(runs, row, run)
    remember(runs.last, run, runs.used)
    runs.used += 1


cdef inline void add_row(Runs *runs, const Row *row, const Edges *edges) noexcept nogil:
    """Add the runs of a row; once there is no more room, candidates are only counted."""
    cdef int32_t n
    for n in range(0, edges.used, 2):
        runs.candidates += edges.places[n + 1] - edges.places[n]
        if runs.used < runs.room:
            add_run(runs, row, edges.places[n], edges.places[n + 1])
        else:
            runs.overflow = True


cdef inline int32_t settle(const Runs *runs, int64_t *weight, int64_t smallest) noexcept nogil:
    """Replace parents by the places of the regions in order of discovery, -1 for those too small; returns their number.

    A region that reaches into the next or previous block is never too small.
    """
    cdef int32_t number, root, kept = 0
    cdef int32_t *parent = runs.parent
    cdef const Run *run
    for number in range(runs.used):
        run = runs.run + number
        root = parent[number] = parent[parent[number]]
        if root == number:
            weight[number] = 0
        weight[root] += run.x1 - run.x0
        if run.y < runs.reach_rows or run.y >= runs.rows - runs.reach_rows:
            weight[root] = max(weight[root], smallest)
    for number in range(runs.used):
        root = parent[number]
        if root < number:
            parent[number] = parent[root]
        elif weight[number] >= smallest:
            parent[number] = kept
            kept += 1
        else:
            parent[number] = -1
    return kept
