# cython: language_level=3
"""Sums over a spectrum: in float32 over blocks that are short, and the blocks in float64."""

from libc.math cimport log2
from libc.stdint cimport int32_t
from libc.string cimport memcpy


cdef inline double sum_of(const float *p, Py_ssize_t n) noexcept nogil:
    """Sum of `n` values."""
    cdef double total = 0
    cdef Py_ssize_t i, j
    cdef float s
    for i in range(0, n, 256):
        s = 0
        for j in range(i, min(i + 256, n)):
            s += p[j]
        total += s
    return total


cdef inline double weighted_sum(const float *p, const float *weights, Py_ssize_t n) noexcept nogil:
    """Sum of products."""
    cdef double total = 0
    cdef Py_ssize_t i, j
    cdef float s
    for i in range(0, n, 256):
        s = 0
        for j in range(i, min(i + 256, n)):
            s += p[j] * weights[j]
        total += s
    return total


cdef inline void add_moments(const float *p, Py_ssize_t n, double *total, double *moment) noexcept nogil:
    """Add the sum of `n` values and that of each times its index."""
    cdef Py_ssize_t i
    cdef int j
    cdef float s, m
    for i in range(0, n, 256):
        s = m = 0
        for j in range(<int> min(n - i, 256)):
            s += p[i + j]
            m += p[i + j] * <float> j
        total[0] += s
        moment[0] += m + <double> i * s


cdef inline double mean_log2(const float *p, Py_ssize_t n, double mean) noexcept nogil:
    """Mean of log2(p + 1e-19 mean).

    A float is 2^e m with m from √½ to √2. Exponents are added, and logarithms, which are slow, taken of products of
    128 mantissas, which stay within 2^±64. Rounding of a product changes the result by less than 1e-7.
    """
    cdef float floor = <float> max(1e-19 * mean, 1.2e-38), product, value
    cdef double logs = 0
    cdef Py_ssize_t i
    cdef int j
    cdef int32_t bits, exponent, exponents
    for i in range(0, n, 128):
        product = 1
        exponents = 0
        for j in range(<int> min(n - i, 128)):
            value = p[i + j] + floor
            memcpy(&bits, &value, 4)
            exponent = (bits - 0x3F3504F3) >> 23
            bits -= exponent * (1 << 23)
            memcpy(&value, &bits, 4)
            product *= value
            exponents += exponent
        logs += log2(product) + exponents
    return logs / n
