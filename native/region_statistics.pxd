"""The statistics of a region: those of its runs, one after the other; contrast apart, a run's follow from its ends."""

from libc.stdint cimport int32_t, int64_t

from region_runs cimport Run

cdef enum:
    TOP = 1
    BOTTOM = 2
    LEFT = 4
    RIGHT = 8

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

cdef struct Block:
    int32_t rows
    int32_t columns
    int32_t reach_rows


cdef inline int64_t squares_below(int64_t n) noexcept nogil:
    """0² + 1² + … + (n−1)²."""
    return (n - 1) * n * (2 * n - 1) // 6


cdef inline void begin_region(Region *region, const Run *run, const Block *block) noexcept nogil:
    """A region of no pixels, whose first run is to come."""
    region.area = region.borders = 0
    region.x0, region.x1, region.y0, region.y1 = run.x0, run.x1, run.y, run.y + 1
    region.top_x0 = region.bottom_x0 = block.columns
    region.top_x1 = region.bottom_x1 = 0
    region.sum_x = region.sum_y = region.sum_xx = region.sum_yy = region.sum_xy = 0
    region.sum_contrast = 0
    region.min_contrast, region.max_contrast = run.min_contrast, run.max_contrast


cdef inline void add_borders(Region *region, const Run *run, const Block *block) noexcept nogil:
    """The borders of the block that a run touches, and where it meets the upper and the lower one."""
    if run.x0 == 0:
        region.borders |= LEFT
    if run.x1 == block.columns:
        region.borders |= RIGHT
    if run.y < block.reach_rows:
        region.borders |= TOP
        region.top_x0, region.top_x1 = min(region.top_x0, run.x0), max(region.top_x1, run.x1)
    if run.y >= block.rows - block.reach_rows:
        region.borders |= BOTTOM
        region.bottom_x0, region.bottom_x1 = min(region.bottom_x0, run.x0), max(region.bottom_x1, run.x1)


cdef inline void add_to_region(Region *region, const Run *run, const Block *block) noexcept nogil:
    """Add a run, not above those that came before it."""
    cdef int64_t length = run.x1 - run.x0, sum_x = length * (run.x0 + run.x1 - 1) // 2, sum_y = length * run.y
    region.area += run.x1 - run.x0
    region.x0, region.x1, region.y1 = min(region.x0, run.x0), max(region.x1, run.x1), run.y + 1
    region.sum_x += sum_x
    region.sum_y += sum_y
    region.sum_xx += squares_below(run.x1) - squares_below(run.x0)
    region.sum_yy += sum_y * run.y
    region.sum_xy += sum_x * run.y
    region.sum_contrast += run.sum_contrast
    region.min_contrast = min(region.min_contrast, run.min_contrast)
    region.max_contrast = max(region.max_contrast, run.max_contrast)
    add_borders(region, run, block)
