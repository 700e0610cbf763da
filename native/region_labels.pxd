"""From runs of candidates to regions: statistics of a run, and union-find over the runs within reach of each other.

Every column remembers its last candidate in one number: row, end of the run, and label. Whether it is recent enough
is one comparison, and what a run covers is passed in one step: where a later run has taken some of its columns, the
two have met and are one region already. The statistics live with the labels and are merged when they are.
"""

from libc.float cimport FLT_MAX
from libc.stdint cimport int32_t, int64_t

from region_scan cimport Row, Run

cdef enum:
    TOP = 1
    BOTTOM = 2
    LEFT = 4
    RIGHT = 8

cdef enum:
    END_BIT = 32  # where the end of a run begins in a column's number; the label is below
    ROW_BIT = 48
    END_MASK = 65535

cdef struct Region:
    int32_t area
    int32_t x0
    int32_t x1
    int32_t y0
    int32_t y1
    int32_t borders
    int32_t top_x0
    int32_t top_x1
    int32_t bottom_x0
    int32_t bottom_x1
    int64_t sum_x
    int64_t sum_y
    int64_t sum_xx
    int64_t sum_yy
    int64_t sum_xy
    double sum_contrast
    float min_contrast
    float max_contrast

cdef struct Labels:
    int64_t *last
    int32_t *parent
    Region *work
    int32_t used
    int32_t room
    int32_t rows
    int32_t reach_rows
    int32_t reach_columns
    int64_t candidates
    bint overflow


cdef inline int32_t root_of(int32_t *parent, int32_t label) noexcept nogil:
    """The root of a label; halves the path on the way, so chains stay short."""
    while parent[label] != label:
        parent[label] = parent[parent[label]]
        label = parent[label]
    return label


cdef inline void merge(Region *into, const Region *other) noexcept nogil:
    """Add one region's statistics to another's."""
    into.area += other.area
    into.x0 = min(into.x0, other.x0)
    into.x1 = max(into.x1, other.x1)
    into.y0 = min(into.y0, other.y0)
    into.y1 = max(into.y1, other.y1)
    into.borders |= other.borders
    into.top_x0 = min(into.top_x0, other.top_x0)
    into.top_x1 = max(into.top_x1, other.top_x1)
    into.bottom_x0 = min(into.bottom_x0, other.bottom_x0)
    into.bottom_x1 = max(into.bottom_x1, other.bottom_x1)
    into.sum_x += other.sum_x
    into.sum_y += other.sum_y
    into.sum_xx += other.sum_xx
    into.sum_yy += other.sum_yy
    into.sum_xy += other.sum_xy
    into.sum_contrast += other.sum_contrast
    into.min_contrast = min(into.min_contrast, other.min_contrast)
    into.max_contrast = max(into.max_contrast, other.max_contrast)


cdef inline int64_t squares_below(int64_t n) noexcept nogil:
    """0² + 1² + … + (n−1)²."""
    return (n - 1) * n * (2 * n - 1) // 6


cdef inline void measure_run(Region *region, const Row *row, const Run *run, const Labels *labels) noexcept nogil:
    """The statistics of one run of candidates, as a region of its own."""
    cdef bint top = row.y < labels.reach_rows, bottom = row.y >= labels.rows - labels.reach_rows
    cdef int64_t length = run.x1 - run.x0
    region.area = run.x1 - run.x0
    region.x0, region.x1, region.y0, region.y1 = run.x0, run.x1, row.y, row.y + 1
    region.borders = top * TOP + bottom * BOTTOM + (run.x0 == 0) * LEFT + (run.x1 == row.columns) * RIGHT
    region.top_x0 = run.x0 if top else row.columns
    region.top_x1 = run.x1 if top else 0
    region.bottom_x0 = run.x0 if bottom else row.columns
    region.bottom_x1 = run.x1 if bottom else 0
    region.sum_x = length * (run.x0 + run.x1 - 1) // 2
    region.sum_y = length * row.y
    region.sum_xx = squares_below(run.x1) - squares_below(run.x0)
    region.sum_yy = region.sum_y * row.y
    region.sum_xy = region.sum_x * row.y
    measure_contrast(region, row, run)


cdef inline void measure_contrast(Region *region, const Row *row, const Run *run) noexcept nogil:
    """Sum and extremes of `p · gain − 1` over a run; what is not a number stays out of the extremes."""
    cdef float total = 0, least = FLT_MAX, most = -FLT_MAX, contrast
    cdef int32_t x
    for x in range(run.x0, run.x1):
        contrast = row.pixels[x] * row.gain[x] - 1
        total += contrast
        least = min(least, contrast)
        most = max(most, contrast)
    region.sum_contrast, region.min_contrast, region.max_contrast = total, least, most


cdef inline int32_t join(Labels *labels, const Row *row, const Run *run) noexcept nogil:
    """Make one of all regions within reach of a run; returns its label, or -1 where there is none."""
    cdef int32_t label = -1, other, x = max(run.x0 - labels.reach_columns, 0)
    cdef int32_t end = min(run.x1 + labels.reach_columns, row.columns)
    cdef int64_t oldest = <int64_t> max(row.y - labels.reach_rows, 0) << ROW_BIT, last
    while x < end:
        last = labels.last[x]
        if last < oldest:
            x += 1
            continue
        x = last >> END_BIT & END_MASK
        other = root_of(labels.parent, <int32_t> last)
        if label < 0:
            label = other
        elif other != label:
            labels.parent[other] = label
            merge(&labels.work[label], &labels.work[other])
    return label


cdef inline void remember(int64_t *last, const Run *run, int32_t y, int32_t label) noexcept nogil:
    """Note a run's row, end and label in its columns."""
    cdef int64_t number = <int64_t> y << ROW_BIT | <int64_t> run.x1 << END_BIT | label
    cdef int32_t x
    for x in range(run.x0, run.x1):
        last[x] = number


cdef inline void label_run(Labels *labels, const Row *row, const Run *run) noexcept nogil:
    """Give a run to the region it belongs to; once the labels are used up, candidates are only counted."""
    cdef int32_t label
    cdef Region measured
    labels.candidates += run.x1 - run.x0
    if labels.overflow:
        return
    label = join(labels, row, run)
    if label >= 0:
        measure_run(&measured, row, run, labels)
        merge(&labels.work[label], &measured)
    elif labels.used < labels.room:
        label = labels.used
        labels.used += 1
        labels.parent[label] = label
        measure_run(&labels.work[label], row, run, labels)
    else:
        labels.overflow = True
        return
    remember(labels.last, run, row.y, label)
