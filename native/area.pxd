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

ctypedef fused sum_t:
    float
    uint32_t


cdef inline void sum_four(const uint8_t *p, Py_ssize_t next_p, const uint16_t *g, Py_ssize_t next_g, Py_ssize_t n,
                          bint fresh, sum_t *sums) noexcept nogil:
    """Set the sums to those of four whole rows, or add these.

    Bytes times 16 bits are summed as whole numbers: twice as many of them fit into a vector as floats do.
    """
    cdef const uint8_t *p1 = p + next_p
    cdef const uint8_t *p2 = p + 2 * next_p
    cdef const uint8_t *p3 = p + 3 * next_p
    cdef const uint16_t *g1 = g + next_g
    cdef const uint16_t *g2 = g + 2 * next_g
    cdef const uint16_t *g3 = g + 3 * next_g
    cdef Py_ssize_t x
    for x in range(n):
        sums[x] = (0 if fresh else sums[x]) + <sum_t> <int32_t> (
            (<uint32_t> (<uint16_t> p[x]) * g[x] + <uint32_t> (<uint16_t> p1[x]) * g1[x])
            + (<uint32_t> (<uint16_t> p2[x]) * g2[x] + <uint32_t> (<uint16_t> p3[x]) * g3[x]))


cdef inline float product(const pixel_t *p, const gain_t *g, Py_ssize_t x) noexcept nogil:
    """One pixel times its gain."""
    return <float> (<int32_t> p[x]) * <float> g[x]


cdef inline void sum_some(const pixel_t *p, Py_ssize_t next_p, const gain_t *g, Py_ssize_t next_g, Py_ssize_t rows,
                          float first, float last, Py_ssize_t n, bint fresh, float *sums) noexcept nogil:
    """Set the sums to those of one to four rows, or add these; the first and the last row count in part.

    All rows at once, so that the sums are stored once; a loop for each number of rows, so that it is vector code.
    """
    cdef const pixel_t *p1 = p + next_p
    cdef const pixel_t *p2 = p + 2 * next_p
    cdef const pixel_t *pl = p + (rows - 1) * next_p
    cdef const gain_t *g1 = g + next_g
    cdef const gain_t *g2 = g + 2 * next_g
    cdef const gain_t *gl = g + (rows - 1) * next_g
    cdef Py_ssize_t x
    if rows == 1:
        for x in range(n):
            sums[x] = (0 if fresh else sums[x]) + product(p, g, x) * (first * last)
    elif rows == 2:
        for x in range(n):
            sums[x] = (0 if fresh else sums[x]) + (product(p, g, x) * first + product(pl, gl, x) * last)
    elif rows == 3:
        for x in range(n):
            sums[x] = (0 if fresh else sums[x]) + (product(p, g, x) * first + product(pl, gl, x) * last
                                                   + product(p1, g1, x))
    else:
        for x in range(n):
            sums[x] = (0 if fresh else sums[x]) + (product(p, g, x) * first + product(pl, gl, x) * last
                                                   + (product(p1, g1, x) + product(p2, g2, x)))


cdef inline void sum_rows(const pixel_t *p, Py_ssize_t next_p, const gain_t *g, Py_ssize_t next_g, Py_ssize_t rows,
                          float first, float last, Py_ssize_t n, float *sums) noexcept nogil:
    """Set the sums to those over `rows` rows, of which the first and, if it is another one, the last count in part."""
    cdef Py_ssize_t v = 0, some
    cdef float above, below
    while v < rows:
        some = min(rows - v, 4)
        above = first if v == 0 else 1
        below = last if v + some == rows and rows > 1 else 1
        if pixel_t is uint8_t and gain_t is uint16_t:
            if some == 4 and above == 1 and below == 1:
                if v == 0:
                    sum_four(p, next_p, g, next_g, n, True, sums)
                else:
                    sum_four(p + v * next_p, next_p, g + v * next_g, next_g, n, False, sums)
                v += 4
                continue
        if v == 0:
            sum_some(p, next_p, g, next_g, some, above, below, n, True, sums)
        else:
            sum_some(p + v * next_p, next_p, g + v * next_g, next_g, some, above, below, n, False, sums)
        v += some


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
