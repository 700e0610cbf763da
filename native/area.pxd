"""Mean over the area of a cell, in two steps: rows into sums by column, sums by column into cells.

Both steps take weights, so that a cell's edge may lie anywhere within a pixel. A row of sums stays in the nearest cache.
"""

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t

ctypedef fused pixel_t:
    uint8_t
    uint16_t

ctypedef fused gain_t:
    uint16_t
    float


cdef inline void add_row(const pixel_t *p, const gain_t *g, float weight, Py_ssize_t n, float *sums) noexcept nogil:
    """Add one row, pixel times gain times weight."""
    cdef Py_ssize_t x
    for x in range(n):
        sums[x] += <float> (<int32_t> p[x]) * <float> g[x] * weight


cdef inline void sum_four(const pixel_t *p, Py_ssize_t next_p, const gain_t *g, Py_ssize_t next_g, Py_ssize_t n,
                          bint fresh, float *sums) noexcept nogil:
    """Set the sums to those of four whole rows, or add these.

    Bytes times 16 bits are summed as whole numbers: twice as many of them fit into a vector as floats do.
    """
    cdef const pixel_t *p1 = p + next_p
    cdef const pixel_t *p2 = p + 2 * next_p
    cdef const pixel_t *p3 = p + 3 * next_p
    cdef const gain_t *g1 = g + next_g
    cdef const gain_t *g2 = g + 2 * next_g
    cdef const gain_t *g3 = g + 3 * next_g
    cdef Py_ssize_t x
    if pixel_t is uint8_t and gain_t is uint16_t:
        for x in range(n):
            sums[x] = (0 if fresh else sums[x]) + <float> <int32_t> (
                (<uint32_t> (<uint16_t> p[x]) * g[x] + <uint32_t> (<uint16_t> p1[x]) * g1[x])
                + (<uint32_t> (<uint16_t> p2[x]) * g2[x] + <uint32_t> (<uint16_t> p3[x]) * g3[x]))
    else:
        for x in range(n):
            sums[x] = (0 if fresh else sums[x]) + (
                (<float> (<int32_t> p[x]) * <float> g[x] + <float> (<int32_t> p1[x]) * <float> g1[x])
                + (<float> (<int32_t> p2[x]) * <float> g2[x] + <float> (<int32_t> p3[x]) * <float> g3[x]))


cdef inline void sum_rows(const pixel_t *p, Py_ssize_t next_p, const gain_t *g, Py_ssize_t next_g, Py_ssize_t rows,
                          float first, float last, Py_ssize_t n, float *sums) noexcept nogil:
    """Set the sums to those over `rows` rows, of which the first and the last one count in part."""
    cdef Py_ssize_t x, v = first != 1, whole = rows - (last != 1 and rows > 1)
    if v + 4 <= whole:
        sum_four(p + v * next_p, next_p, g + v * next_g, next_g, n, True, sums)
        v += 4
    else:
        for x in range(n):
            sums[x] = 0
    while v + 4 <= whole:
        sum_four(p + v * next_p, next_p, g + v * next_g, next_g, n, False, sums)
        v += 4
    while v < whole:
        add_row(p + v * next_p, g + v * next_g, 1, n, sums)
        v += 1
    if first != 1:
        add_row(p, g, first, n, sums)
    if whole < rows:
        add_row(p + whole * next_p, g + whole * next_g, last, n, sums)


cdef inline void weigh(const float *sums, const int32_t *first, const float *weights, Py_ssize_t taps,
                       Py_ssize_t cells, float *out) noexcept nogil:
    """Every cell's sum: `taps` sums by column from its first one on, weighted."""
    if taps == 1:
        weigh_few(sums, first, weights, 1, cells, out)
    elif taps == 2:
        weigh_few(sums, first, weights, 2, cells, out)
    elif taps == 3:
        weigh_few(sums, first, weights, 3, cells, out)
    elif taps == 4:
        weigh_few(sums, first, weights, 4, cells, out)
    elif taps == 5:
        weigh_few(sums, first, weights, 5, cells, out)
    elif taps == 6:
        weigh_few(sums, first, weights, 6, cells, out)
    else:
        weigh_few(sums, first, weights, taps, cells, out)


cdef inline void weigh_few(const float *sums, const int32_t *first, const float *weights, Py_ssize_t taps,
                           Py_ssize_t cells, float *out) noexcept nogil:
    """The same; where `taps` is a constant, the inner loop disappears."""
    cdef Py_ssize_t j, k
    cdef float total
    for j in range(cells):
        total = 0
        for k in range(taps):
            total += weights[j * taps + k] * sums[first[j] + k]
        out[j] = total
