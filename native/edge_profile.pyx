"""Where an edge crosses the lines of a frame; the face is cellctl/kernels/edge_profile.py.

Strategy. The lines of a group are added up within the window only, with a minus for an edge that falls, so that every
edge rises from here on. The boundary between two columns where the sums on either side differ most is the edge to a
column. The rest is where the mean of two neighbours crosses the level midway between the sides: a pixel sees its own
width, two of them see twice that, and the step of such an aperture is a straight line through the crossing.
"""

from libc.math cimport NAN, ceil, floor
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t

ctypedef fused grey:
    uint8_t
    uint16_t

cdef enum:
    SIDE = 4  # columns that a side's level is the mean of
    GAP = 2  # columns next to the edge that are left out of it: blur
    MARGIN = 6  # SIDE + GAP


cdef inline int64_t side(const int32_t *line, Py_ssize_t first) noexcept nogil:
    """Sum of SIDE columns."""
    return <int64_t> line[first] + line[first + 1] + line[first + 2] + line[first + 3]


cdef inline int64_t at(const int32_t *line, Py_ssize_t boundary) noexcept nogil:
    """Twice the grey value at a boundary."""
    return <int64_t> line[boundary - 1] + line[boundary]


cdef Py_ssize_t steepest(const int32_t *line, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    """The boundary from `first` to `last` where what follows exceeds most what comes before."""
    cdef Py_ssize_t boundary, best = first
    cdef int64_t step = side(line, first) - side(line, first - SIDE), most = step
    for boundary in range(first + 1, last + 1):
        step += <int64_t> line[boundary + SIDE - 1] + line[boundary - SIDE - 1] - 2 * <int64_t> line[boundary - 1]
        if step > most:
            most, best = step, boundary
    return best


cdef double crossing(const int32_t *line, Py_ssize_t near, double contrast) noexcept nogil:
    """Where the level midway between the sides is crossed; NaN where they differ by less than `contrast`, in sums."""
    cdef int64_t low = side(line, near - MARGIN), high = side(line, near + GAP), before, after
    cdef double level = (low + high) / <double> SIDE
    cdef Py_ssize_t place = near
    if high - low < contrast or high == low:
        return NAN
    while place < near + GAP + 1 and at(line, place + 1) < level:
        place += 1
    while place > near - GAP - 1 and at(line, place) >= level:
        place -= 1
    before, after = at(line, place), at(line, place + 1)
    return place + (level - before) / (after - before) if before < level <= after else NAN


cdef void add_lines(const grey[:, :] pixels, int32_t *line, Py_ssize_t first, Py_ssize_t count, Py_ssize_t start,
                    Py_ssize_t stop, int32_t sign) noexcept nogil:
    """`sign` times the sums of lines `start` to `stop`, `count` columns from `first` on."""
    cdef Py_ssize_t y, x
    cdef const grey *row
    for x in range(count):
        line[x] = 0
    for y in range(start, stop):
        row = &pixels[y, first]
        for x in range(count):
            line[x] += sign * row[x]


cdef double edge_of(const grey[:, :] pixels, int32_t *line, double expected, double reach, double contrast,
                    Py_ssize_t start, Py_ssize_t stop, int32_t sign) noexcept nogil:
    """The edge in the mean of lines `start` to `stop`; NaN where there is none."""
    cdef Py_ssize_t first, last, columns = pixels.shape[1]
    cdef double edge
    if not (expected + reach >= MARGIN and expected - reach <= columns - MARGIN):
        return NAN
    first = max(<Py_ssize_t> floor(max(expected - reach, 0)), MARGIN)
    last = min(<Py_ssize_t> ceil(min(expected + reach, columns)), columns - MARGIN)
    if first > last:
        return NAN
    add_lines(pixels, line, first - MARGIN, last - first + 2 * MARGIN, start, stop, sign)
    edge = crossing(line, steepest(line, MARGIN, MARGIN + last - first), contrast * SIDE * (stop - start))
    edge += first - MARGIN
    # Where the window ends at the rim, an edge beyond its end was measured by what is no side of it.
    return edge if max(expected - reach, MARGIN) <= edge <= min(expected + reach, columns - MARGIN) else NAN


def edge_profile(const grey[:, :] pixels, const double[::1] expected, int32_t[::1] line, float[::1] out, double reach,
                 double contrast, int32_t sign, Py_ssize_t lines, Py_ssize_t start, Py_ssize_t stop):
    """Fill places `start` to `stop` of `out`; `line` has room for the window; see the face."""
    cdef Py_ssize_t n
    with nogil:
        for n in range(start, stop):
            out[n] = <float> edge_of(pixels, &line[0], expected[n], reach, contrast, n * lines,
                                     min((n + 1) * lines, pixels.shape[0]), sign)
