"""Connected regions of a full-rate block in one pass; the face is cellctl/kernels/regions.py.

Strategy. A pixel is a candidate when it leaves the bounds of its column: `p < lo[x] or p > hi[x]`. Flat field and
threshold are folded into these bounds, so the full-rate loop compares bytes and multiplies nothing; the compiler
turns it into packed compares (an AVX2 clone of it is chosen at load time where the machine has it). It answers one
question per stretch of SEGMENT pixels: anything here? Only stretches that say yes are walked pixel by pixel for
runs. Every column remembers its last candidate and that one's label; a run joins all labels within its reach (one
row and one column is 8-connectivity) by union-find. The statistics live with the labels and are merged when they are.

The same pass sums every k-th line by column for the reference profile. Candidates are left out of these sums: a
defect must not bend the reference it is judged by.
"""

from libc.float cimport FLT_MAX
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

cdef extern from *:
    """
    #include <stdint.h>

    #define CELL_SEGMENT 128

    #if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
    #define CELL_CLONES __attribute__((target_clones("avx2", "default")))
    #else
    #define CELL_CLONES
    #endif

    /* active[s] = whether stretch s of the row holds a candidate; returns whether any does. */
    CELL_CLONES int cell_row_active(const uint8_t *p, const uint8_t *lo, const uint8_t *hi, int columns,
                                    uint8_t *active) {
        int any = 0;
        for (int s = 0; s * CELL_SEGMENT < columns; s++) {
            const int from = s * CELL_SEGMENT;
            const int to = from + CELL_SEGMENT < columns ? from + CELL_SEGMENT : columns;
            uint8_t out = 0;
            for (int x = from; x < to; x++) out |= (uint8_t)((p[x] < lo[x]) | (p[x] > hi[x]));
            active[s] = out;
            any |= out;
        }
        return any;
    }

    /* Adds the pixels within bounds to the column sums; brightness and saturation count all pixels. */
    CELL_CLONES void cell_row_sample(const uint8_t *p, const uint8_t *lo, const uint8_t *hi, int columns,
                                     int saturation, uint32_t *sums, uint32_t *counts, int64_t *brightness,
                                     int64_t *saturated) {
        uint32_t total = 0, full = 0;
        for (int x = 0; x < columns; x++) {
            const uint32_t inside = (p[x] >= lo[x]) & (p[x] <= hi[x]);
            sums[x] += inside ? p[x] : 0;
            counts[x] += inside;
            total += p[x];
            full += p[x] >= saturation;
        }
        *brightness += total;
        *saturated += full;
    }
    """
    enum: CELL_SEGMENT
    int cell_row_active(const uint8_t *p, const uint8_t *lo, const uint8_t *hi, int columns,
                        uint8_t *active) noexcept nogil
    void cell_row_sample(const uint8_t *p, const uint8_t *lo, const uint8_t *hi, int columns, int saturation,
                         uint32_t *sums, uint32_t *counts, int64_t *brightness, int64_t *saturated) noexcept nogil

SEGMENT = CELL_SEGMENT

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

cdef struct Run:
    int32_t x0
    int32_t x1

cdef struct Reach:
    int32_t rows
    int32_t columns

cdef struct Last:
    int32_t row
    int32_t label

cdef struct Measures:
    int64_t brightness
    int64_t saturated
    int64_t candidates
    int32_t sampled_rows
    int32_t regions
    int32_t labels
    int32_t overflow


cdef inline int32_t root_of(int32_t[::1] parent, int32_t label) noexcept nogil:
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
    return (n - 1) * n * (2 * n - 1) // 6 if n > 0 else 0


cdef inline void measure_run(Region *region, const uint8_t[:, ::1] pixels, const float[::1] gain, const Run *run,
                             int32_t y, int32_t reach_rows) noexcept nogil:
    """The statistics of one run of candidates in line y, as a region of its own."""
    cdef int32_t rows = <int32_t> pixels.shape[0], columns = <int32_t> pixels.shape[1]
    cdef bint top = y < reach_rows, bottom = y >= rows - reach_rows
    cdef int64_t length = run.x1 - run.x0
    cdef int32_t x
    cdef float contrast
    region.area = run.x1 - run.x0
    region.x0, region.x1, region.y0, region.y1 = run.x0, run.x1, y, y + 1
    region.borders = top * TOP + bottom * BOTTOM + (run.x0 == 0) * LEFT + (run.x1 == columns) * RIGHT
    region.top_x0 = run.x0 if top else columns
    region.top_x1 = run.x1 if top else 0
    region.bottom_x0 = run.x0 if bottom else columns
    region.bottom_x1 = run.x1 if bottom else 0
    region.sum_x = length * (run.x0 + run.x1 - 1) // 2
    region.sum_y = length * y
    region.sum_xx = squares_below(run.x1) - squares_below(run.x0)
    region.sum_yy = length * y * y
    region.sum_xy = region.sum_x * y
    region.sum_contrast = 0.0
    region.min_contrast = FLT_MAX
    region.max_contrast = -FLT_MAX
    for x in range(run.x0, run.x1):
        contrast = pixels[y, x] * gain[x] - 1
        region.sum_contrast += contrast
        region.min_contrast = min(region.min_contrast, contrast)
        region.max_contrast = max(region.max_contrast, contrast)


cdef inline int32_t next_run(const uint8_t[:, ::1] pixels, const uint8_t[::1] lo, const uint8_t[::1] hi,
                             const uint8_t[::1] active, int32_t y, int32_t x, Run *run) noexcept nogil:
    """Find the first run at or after x in line y; returns where to go on, or -1 when the line holds no more."""
    cdef int32_t columns = <int32_t> pixels.shape[1]
    while x < columns:
        if not active[x // CELL_SEGMENT]:
            x = (x // CELL_SEGMENT + 1) * CELL_SEGMENT
        elif lo[x] <= pixels[y, x] <= hi[x]:
            x += 1
        else:
            run.x0 = x
            while x < columns and not lo[x] <= pixels[y, x] <= hi[x]:
                x += 1
            run.x1 = x
            return x
    return -1


cdef inline int32_t label_run(const Run *run, int32_t y, const Reach *reach, const Region *measured, Last[::1] last,
                              int32_t[::1] parent, Region[::1] work, Measures *measures) noexcept nogil:
    """Give a run its label, joining every region within reach of it; -1 when the labels are used up."""
    cdef int32_t label = -1, other, x
    cdef int32_t begin = max(run.x0 - reach.columns, 0)
    cdef int32_t end = min(run.x1 + reach.columns, <int32_t> last.shape[0])
    for x in range(begin, end):
        if last[x].row < y - reach.rows:
            continue
        other = root_of(parent, last[x].label)
        if label < 0:
            label = other
        elif other != label:
            parent[other] = label
            merge(&work[label], &work[other])
    if label >= 0:
        merge(&work[label], measured)
    elif measures.labels < parent.shape[0]:
        label = measures.labels
        measures.labels += 1
        parent[label] = label
        work[label] = measured[0]
    return label


cdef void label_row(const uint8_t[:, ::1] pixels, const uint8_t[::1] lo, const uint8_t[::1] hi, const float[::1] gain,
                    const uint8_t[::1] active, int32_t y, const Reach *reach, Last[::1] last, int32_t[::1] parent,
                    Region[::1] work, Measures *measures) noexcept nogil:
    """Find and label the runs of line y; once the labels are used up, candidates are only counted."""
    cdef int32_t x = 0, column, label
    cdef Region measured
    cdef Run run
    while True:
        x = next_run(pixels, lo, hi, active, y, x, &run)
        if x < 0:
            return
        measures.candidates += run.x1 - run.x0
        if measures.overflow:
            continue
        measure_run(&measured, pixels, gain, &run, y, reach.rows)
        label = label_run(&run, y, reach, &measured, last, parent, work, measures)
        if label < 0:
            measures.overflow = 1
            continue
        for column in range(run.x0, run.x1):
            last[column].row = y
            last[column].label = label


cdef void collect(const int32_t[::1] parent, const Region[::1] work, int32_t smallest, Region[::1] out,
                  Measures *measures) noexcept nogil:
    """Copy the regions that are large enough, or reach into the next or previous block, in order of discovery."""
    cdef int32_t label
    for label in range(measures.labels):
        if parent[label] != label:
            continue
        if work[label].area < smallest and not work[label].borders & (TOP | BOTTOM):
            continue
        if measures.regions >= out.shape[0]:
            measures.overflow = 1
            return
        out[measures.regions] = work[label]
        measures.regions += 1


def find(const uint8_t[:, ::1] pixels, const uint8_t[::1] lo, const uint8_t[::1] hi, const float[::1] gain,
         int32_t sample_every, int32_t saturation, int32_t smallest, int32_t reach_rows, int32_t reach_columns,
         uint8_t[::1] active, Last[::1] last, int32_t[::1] parent, Region[::1] work, Region[::1] out,
         uint32_t[::1] sums, uint32_t[::1] counts, Measures[::1] measures):
    """Fill `out`, `sums`, `counts` and `measures`; see the face for shapes and sizes."""
    cdef int32_t x, y, columns = <int32_t> pixels.shape[1]
    cdef Measures *total = &measures[0]
    cdef Reach reach
    reach.rows, reach.columns = reach_rows, reach_columns
    with nogil:
        for x in range(columns):
            last[x].row = -reach_rows - 1
        for y in range(<int32_t> pixels.shape[0]):
            if y % sample_every == 0:
                cell_row_sample(&pixels[y, 0], &lo[0], &hi[0], columns, saturation, &sums[0], &counts[0],
                                &total.brightness, &total.saturated)
                total.sampled_rows += 1
            if cell_row_active(&pixels[y, 0], &lo[0], &hi[0], columns, &active[0]):
                label_row(pixels, lo, hi, gain, active, y, &reach, last, parent, work, total)
        collect(parent, work, smallest, out, total)
