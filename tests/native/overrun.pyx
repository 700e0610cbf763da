"""A loop that believes what it is told: the negative control of the checked builds, never part of the product."""

from libc.stdint cimport int64_t, uint8_t


cdef int64_t add(const uint8_t[::1] values, Py_ssize_t count) noexcept nogil:
    """Sum of the first `count` values, however many there are."""
    cdef Py_ssize_t index
    cdef int64_t total = 0
    for index in range(count):
        total += values[index]
    return total


def total(const uint8_t[::1] values, Py_ssize_t count):
    """Sum of the first `count` values; more than there are is what a checked build must find."""
    cdef int64_t sum
    with nogil:
        sum = add(values, count)
    return sum
