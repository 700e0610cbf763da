"""Sobel magnitude of grey frames; the face is cellctl/kernels/gradient.py.

Strategy. Both Sobel kernels are separable: a row is first combined with its neighbours above and below, by column, into
a smoothed and a differenced row of 16 bits, which stay in the first-level cache; then both are combined along the row.
"""

from libc.stdint cimport int16_t, uint8_t, uint16_t


cdef void combine_rows(const uint8_t *above, const uint8_t *row, const uint8_t *below, int16_t *smooth, int16_t *step,
                       Py_ssize_t columns) noexcept nogil:
    """`smooth` and `step` by column, with one column more at either end: the border repeats itself."""
    cdef Py_ssize_t x
    for x in range(columns):
        smooth[x + 1] = <int16_t>(above[x] + 2 * row[x] + below[x])
        step[x + 1] = <int16_t>(below[x] - above[x])
    smooth[0], step[0] = smooth[1], step[1]
    smooth[columns + 1], step[columns + 1] = smooth[columns], step[columns]


cdef void combine_columns(const int16_t *smooth, const int16_t *step, uint16_t *out, Py_ssize_t columns) noexcept nogil:
    """`|gx| + |gy|` of a row: at most 2040, so nothing overflows."""
    cdef Py_ssize_t x
    cdef int16_t across, along
    for x in range(columns):
        across = <int16_t>(smooth[x + 2] - smooth[x])
        along = <int16_t>(step[x] + 2 * step[x + 1] + step[x + 2])
        across = across if across >= 0 else <int16_t>-across
        along = along if along >= 0 else <int16_t>-along
        out[x] = <uint16_t>(across + along)


def sobel(const uint8_t[:, :] pixels, int16_t[:, ::1] work, uint16_t[:, ::1] out, Py_ssize_t start, Py_ssize_t stop):
    """Fill rows `start` to `stop` of `out`; `work` holds two rows of `columns + 2`; see the face."""
    cdef Py_ssize_t y, last = pixels.shape[0] - 1, columns = pixels.shape[1]
    with nogil:
        for y in range(start, stop):
            combine_rows(&pixels[max(y - 1, 0), 0], &pixels[y, 0], &pixels[min(y + 1, last), 0],
                         &work[0, 0], &work[1, 0], columns)
            combine_columns(&work[0, 0], &work[1, 0], &out[y, 0], columns)
