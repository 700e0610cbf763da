"""Frame to model tensor: flat field, mean over the area of each output cell and normalisation in one pass; the face
is cellctl/kernels/tensor.py.

Strategy. `(p - dark) · gain`, the mean over a cell and `(· - mean) / std` are linear. All that does not depend on the
pixel is folded into one small map; at full resolution remains pixel times gain. A row of cells is summed by column
first; these sums stay in the nearest cache and become cells. Bytes in cells of 4 by 4 stay whole numbers to the end.
"""

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from area cimport pixel_t, sum_four, sum_rows, weigh


def make(const pixel_t[:, :] pixels, const uint16_t[:, :] gain, const int32_t[:, ::1] rows,
         const float[:, ::1] row_weights, const int32_t[::1] first, const float[:, ::1] weights, Py_ssize_t ratio,
         float scale, const float[:, ::1] shift, float[::1] sums, uint32_t[::1] whole_sums, float[:, ::1] out,
         Py_ssize_t start):
    """Fill `out` with output rows from `start` on; see the face for what the tables hold."""
    cdef Py_ssize_t i, cells = out.shape[1], columns = pixels.shape[1]
    cdef Py_ssize_t next_p = pixels.strides[0] // <Py_ssize_t> sizeof(pixel_t)
    cdef Py_ssize_t next_g = gain.strides[0] // <Py_ssize_t> sizeof(uint16_t)
    with nogil:
        for i in range(out.shape[0]):
            if pixel_t is uint8_t:
                if (ratio == 4 and rows[start + i, 1] == 4 and row_weights[start + i, 0] == 1
                        and row_weights[start + i, 1] == 1):
                    sum_four(&pixels[rows[start + i, 0], 0], next_p, &gain[rows[start + i, 0], 0], next_g, columns,
                             True, &whole_sums[0])
                    join_whole(&whole_sums[0], scale, &shift[start + i, 0], cells, &out[i, 0])
                    continue
            sum_rows(&pixels[rows[start + i, 0], 0], next_p, &gain[rows[start + i, 0], 0], next_g,
                     rows[start + i, 1], row_weights[start + i, 0], row_weights[start + i, 1], columns, &sums[0])
            if ratio:
                join(&sums[0], ratio, scale, &shift[start + i, 0], cells, &out[i, 0])
            else:
                weigh(&sums[0], &first[0], &weights[0, 0], weights.shape[1], cells, &out[i, 0])
                normalise(scale, &shift[start + i, 0], cells, &out[i, 0])


cdef inline void join_whole(const uint32_t *sums, float scale, const float *shift, Py_ssize_t cells,
                            float *out) noexcept nogil:
    """The normalised means of cells of 4 whole columns, from sums of at most 26 bits.

    Two neighbours are added as halves of one 64-bit word: that needs fewer moves between the lanes of a vector.
    """
    cdef Py_ssize_t j
    cdef uint64_t left, right
    for j in range(cells):
        memcpy(&left, sums + 4 * j, sizeof(left))
        memcpy(&right, sums + 4 * j + 2, sizeof(right))
        left += right
        out[j] = <float> <int32_t> <uint32_t> (left + (left >> 32)) * scale - shift[j]


cdef inline void join(const float *sums, Py_ssize_t ratio, float scale, const float *shift, Py_ssize_t cells,
                      float *out) noexcept nogil:
    """The normalised means of cells of `ratio` (1, 2 or 4) whole columns."""
    cdef Py_ssize_t j
    if ratio == 4:
        for j in range(cells):
            out[j] = ((sums[4 * j] + sums[4 * j + 1]) + (sums[4 * j + 2] + sums[4 * j + 3])) * scale - shift[j]
    elif ratio == 2:
        for j in range(cells):
            out[j] = (sums[2 * j] + sums[2 * j + 1]) * scale - shift[j]
    else:
        for j in range(cells):
            out[j] = sums[j] * scale - shift[j]


cdef inline void normalise(float scale, const float *shift, Py_ssize_t cells, float *out) noexcept nogil:
    """From sums to normalised means."""
    cdef Py_ssize_t j
    for j in range(cells):
        out[j] = out[j] * scale - shift[j]
