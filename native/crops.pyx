"""Cuts patches out of a block, averages them into cells and divides by the column reference; the face is
cellctl/kernels/crops.py.

Strategy. Division by the reference is linear, so a cell first sums its pixels per column as whole numbers and
multiplies by the column's gain once, not once per pixel. Nothing is clamped in between.
"""

from libc.stdint cimport int32_t, uint8_t


def cut(const uint8_t[:, ::1] pixels, const float[::1] gain, const int32_t[:, ::1] corners, int32_t cell_rows,
        int32_t cell_columns, float[:, :, ::1] out):
    """Fill `out[n]` with the patch whose first pixel is `corners[n] = (y, x)`; see the face."""
    cdef Py_ssize_t n, i, j
    with nogil:
        for n in range(out.shape[0]):
            for i in range(out.shape[1]):
                for j in range(out.shape[2]):
                    out[n, i, j] = cell(pixels, gain, <int32_t> (corners[n, 0] + i * cell_rows),
                                        <int32_t> (corners[n, 1] + j * cell_columns), cell_rows, cell_columns)


cdef inline float cell(const uint8_t[:, ::1] pixels, const float[::1] gain, int32_t y, int32_t x, int32_t rows,
                       int32_t columns) noexcept nogil:
    """Mean contrast of the part of one cell that lies in the block; 0 where none does."""
    cdef int32_t y0 = max(y, 0), y1 = min(y + rows, <int32_t> pixels.shape[0])
    cdef int32_t x0 = max(x, 0), x1 = min(x + columns, <int32_t> pixels.shape[1])
    cdef int32_t u, v, grey
    cdef float total = 0
    if y0 >= y1 or x0 >= x1:
        return 0
    for u in range(x0, x1):
        grey = 0
        for v in range(y0, y1):
            grey += pixels[v, u]
        total += grey * gain[u]
    return total / ((y1 - y0) * (x1 - x0)) - 1
