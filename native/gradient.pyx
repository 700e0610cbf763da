"""Sobel magnitude of grey frames; the face is cellctl/kernels/gradient.py.

Strategy. Both Sobel kernels are separable: a stretch of a row is first combined with its neighbours above and below, by
column, into smoothed and differenced values of 16 bits, which stay in the first-level cache; then both are combined
along the row. C computes in 32 bits where it is not told otherwise; cut to 16 bits at every step, twice as many pixels
fit a register.
"""

from libc.stdint cimport int16_t, uint8_t, uint16_t
from libc.stdlib cimport abs

cdef extern from *:
    void will_write "__builtin_prefetch"(const void *place, int to_write) noexcept nogil

cdef enum:
    STRETCH = 512  # columns at a time: by then what is announced here has come from memory


cdef void combine_rows(const uint8_t *above, const uint8_t *row, const uint8_t *below, int16_t *smooth, int16_t *step,
                       Py_ssize_t columns) noexcept nogil:
    """`smooth` and `step` by column."""
    cdef Py_ssize_t x
    cdef uint16_t a, b, c
    for x in range(columns):
        a, b, c = above[x], row[x], below[x]
        smooth[x] = <int16_t><uint16_t>(<uint16_t>(a + c) + <uint16_t>(b + b))
        step[x] = <int16_t><uint16_t>(c - a)


cdef void combine_columns(const int16_t *smooth, const int16_t *step, uint16_t *out, Py_ssize_t columns) noexcept nogil:
    """`|gx| + |gy|` from one column more at either end: at most 2040, so nothing overflows."""
    cdef Py_ssize_t x
    cdef int16_t across, along
    for x in range(columns):
        across = <int16_t>(smooth[x + 2] - smooth[x])
        along = <int16_t>(<int16_t>(step[x] + step[x + 2]) + <int16_t>(step[x + 1] + step[x + 1]))
        out[x] = <uint16_t>(abs(across) + abs(along))


cdef void sobel_row(const uint8_t *above, const uint8_t *row, const uint8_t *below, uint16_t *out,
                    Py_ssize_t columns) noexcept nogil:
    """One row; beyond its ends the outermost column is repeated."""
    cdef int16_t smooth[STRETCH + 2]
    cdef int16_t step[STRETCH + 2]
    cdef Py_ssize_t start = 0, count, first, stop, x
    while start < columns:
        count = min(columns - start, STRETCH)
        for x in range(start, start + count, 32):
            will_write(out + x, 1)
        first, stop = max(start - 1, 0), min(start + count + 1, columns)
        combine_rows(above + first, row + first, below + first, &smooth[first - start + 1], &step[first - start + 1],
                     stop - first)
        if first == start:
            smooth[0], step[0] = smooth[1], step[1]
        if stop == start + count:
            smooth[count + 1], step[count + 1] = smooth[count], step[count]
        combine_columns(smooth, step, out + start, count)
        start += STRETCH


def sobel(const uint8_t[:, :] pixels, uint16_t[:, ::1] out, Py_ssize_t start, Py_ssize_t stop):
    """Fill rows `start` to `stop` of `out`; see the face."""
    cdef Py_ssize_t y, last = pixels.shape[0] - 1
    with nogil:
        for y in range(start, stop):
            sobel_row(&pixels[max(y - 1, 0), 0], &pixels[y, 0], &pixels[min(y + 1, last), 0], &out[y, 0],
                      pixels.shape[1])
