"""What the sampled lines tell: column sums for the reference, and whether the block is a usable picture.

The sums leave candidates out: a defect must not bend the reference it is judged by. They are kept in 16 and 8 bits,
as wide as the pixels' own vectors allow, and carried over to 32 bits before they can overflow. Each measure is a loop
of its own: a line lies in the nearest cache, and a loop with one kind of sum becomes vector code.
"""

from libc.stdlib cimport abs
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t

cdef enum:
    COUNTED = 192  # pixels counted in 8 bits: less than 256, and whole vectors
    CARRY_EVERY = 255  # lines after which a count of 8 bits, or a sum of 16, may be full

cdef struct Lines:
    int64_t brightness
    int64_t saturated
    int64_t steps
    int64_t change
    int32_t sampled


cdef inline void add_inside(const uint8_t[:, ::1] pixels, const uint8_t[:, ::1] lo, const uint8_t[:, ::1] hi,
                            int32_t y, int32_t bounds_y, uint16_t[::1] sums, uint8_t[::1] counts) noexcept nogil:
    """Add the pixels of line y that are within bounds to the column sums."""
    cdef Py_ssize_t x
    cdef uint8_t inside
    for x in range(pixels.shape[1]):
        inside = (pixels[y, x] >= lo[bounds_y, x]) & (pixels[y, x] <= hi[bounds_y, x])
        sums[x] += pixels[y, x] if inside else 0
        counts[x] += inside


cdef inline void carry(uint16_t[::1] sums, uint8_t[::1] counts, uint32_t[::1] all_sums,
                       uint32_t[::1] all_counts) noexcept nogil:
    """Move the small sums to the large ones."""
    cdef Py_ssize_t x
    for x in range(sums.shape[0]):
        all_sums[x] += sums[x]
        sums[x] = 0
    for x in range(sums.shape[0]):
        all_counts[x] += counts[x]
        counts[x] = 0


cdef inline uint32_t count_from(const uint8_t[:, ::1] pixels, int32_t y, uint8_t level) noexcept nogil:
    """Pixels of a line at or above a level; counted in 8 bits for as many pixels as these can hold."""
    cdef int32_t columns = <int32_t> pixels.shape[1], begin = 0, x
    cdef uint32_t count = 0
    cdef uint8_t part
    while begin < columns:
        part = 0
        for x in range(begin, min(begin + <int32_t> COUNTED, columns)):
            part += pixels[y, x] >= level
        count += part
        begin += COUNTED
    return count


cdef inline int32_t squared_steps(const uint8_t[:, ::1] pixels, int32_t y) noexcept nogil:
    """Sum of the squared differences of neighbours in a line."""
    cdef Py_ssize_t x
    cdef int16_t step
    cdef int32_t squares = 0
    for x in range(pixels.shape[1] - 1):
        step = <int16_t> (<int16_t> pixels[y, x + 1] - pixels[y, x])
        squares += <int32_t> step * <int32_t> step
    return squares


cdef inline int32_t differences(const uint8_t[:, ::1] pixels, int32_t y, const uint8_t[:, ::1] other,
                                int32_t line) noexcept nogil:
    """Sum of the absolute differences of a line from another: the block before's, or a black one for its brightness."""
    cdef Py_ssize_t x
    cdef int32_t grey = 0
    for x in range(pixels.shape[1]):
        grey += abs(<int32_t> pixels[y, x] - <int32_t> other[line, x])
    return grey


cdef inline void keep(const uint8_t[:, ::1] pixels, int32_t y, uint8_t[:, ::1] before, int32_t line) noexcept nogil:
    """Remember a line for the block that follows."""
    cdef Py_ssize_t x
    for x in range(pixels.shape[1]):
        before[line, x] = pixels[y, x]
