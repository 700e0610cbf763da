"""Cuts regions out of a frame and averages each into the same number of cells; the face is cellctl/kernels/crops.py.

Strategy. As for a whole frame (native/tensor.pyx): a row of cells is summed by column, then the columns into cells. What
a column adds to which cell is worked out once for a region. Nothing is clamped in between.
"""

from libc.math cimport ceil, floor
from libc.stdint cimport int32_t

from area cimport pixel_t, sum_rows, weigh


cdef struct Columns:
    Py_ssize_t start    # first frame column that the region touches
    Py_ssize_t count    # how many
    Py_ssize_t taps     # how many a cell touches at most


def crop(const pixel_t[:, :] pixels, const float[:, :] gain, const double[:, ::1] boxes, float mean, float std,
         int32_t[::1] first, float[::1] weights, float[::1] per_width, float[::1] sums, float[:, :, ::1] out):
    """Fill `out[n]` with the cells of `boxes[n] = (y0, x0, y1, x1)`; see the face."""
    cdef Py_ssize_t n, i, cells = out.shape[2]
    cdef double height
    cdef Columns columns
    with nogil:
        for n in range(out.shape[0]):
            columns = share_columns(boxes[n, 1], boxes[n, 3], pixels.shape[1], cells, &first[0], &weights[0],
                                    &per_width[0])
            height = (boxes[n, 2] - boxes[n, 0]) / out.shape[1]
            for i in range(out.shape[1]):
                crop_row(pixels, gain, boxes[n, 0] + i * height, boxes[n, 0] + (i + 1) * height, columns, &first[0],
                         &weights[0], &per_width[0], mean, std, cells, &sums[0], &out[n, i, 0])


cdef inline void crop_row(const pixel_t[:, :] pixels, const float[:, :] gain, double top, double bottom,
                          Columns columns, const int32_t *first, const float *weights, const float *per_width,
                          float mean, float std, Py_ssize_t cells, float *sums, float *out) noexcept nogil:
    """One row of cells, from `top` to `bottom`; 0 where a cell lies outside of the frame."""
    cdef double y0 = max(top, 0.0), y1 = min(bottom, <double> pixels.shape[0])
    cdef Py_ssize_t y, j, next_p, next_g
    cdef float scale, shift = mean / std
    if y0 >= y1 or columns.count == 0:
        for j in range(cells):
            out[j] = 0
        return
    y = <Py_ssize_t> floor(y0)
    next_p = pixels.strides[0] // <Py_ssize_t> sizeof(pixel_t)
    next_g = gain.strides[0] // <Py_ssize_t> sizeof(float)
    sum_rows(&pixels[y, columns.start], next_p, &gain[y, columns.start], next_g, <Py_ssize_t> ceil(y1) - y,
             <float> overlap(y0, y1, y), <float> overlap(y0, y1, ceil(y1) - 1), columns.count, sums)
    weigh(sums, first, weights, columns.taps, cells, out)
    scale = <float> (1 / ((y1 - y0) * std))
    for j in range(cells):
        out[j] = out[j] * (per_width[j] * scale) - (shift if per_width[j] > 0 else 0)


cdef inline Columns share_columns(double left, double right, Py_ssize_t limit, Py_ssize_t cells, int32_t *first,
                                  float *weights, float *per_width) noexcept nogil:
    """What each column adds to each cell; `per_width` is 1 / the width of a cell within the frame, or 0."""
    cdef double width = (right - left) / cells, x0, x1
    cdef Py_ssize_t j, k, x
    cdef Columns columns
    columns.start = <Py_ssize_t> floor(min(max(left, 0.0), <double> limit))
    columns.count = max(<Py_ssize_t> ceil(min(max(left + cells * width, 0.0), <double> limit)) - columns.start, 0)
    columns.taps = 0
    for j in range(cells):
        x0 = max(left + j * width, 0.0)
        x1 = min(left + (j + 1) * width, <double> limit)
        per_width[j] = <float> (1 / (x1 - x0)) if x1 > x0 else 0
        if x1 > x0:
            columns.taps = max(columns.taps, <Py_ssize_t> (ceil(x1) - floor(x0)))
    columns.taps = min(columns.taps, columns.count)
    for j in range(cells):
        x0 = max(left + j * width, 0.0)
        x1 = min(left + (j + 1) * width, <double> limit)
        x = <Py_ssize_t> floor(min(x0, <double> limit)) - columns.start
        first[j] = <int32_t> max(min(x, columns.count - columns.taps), 0)
        for k in range(columns.taps):
            weights[j * columns.taps + k] = <float> overlap(x0, x1, columns.start + first[j] + k)
    return columns


cdef inline double overlap(double begin, double end, double pixel) noexcept nogil:
    """Length of a pixel that lies between `begin` and `end`; exactly 1 where all of it does."""
    return max(min(end, pixel + 1) - max(begin, pixel), 0.0)
