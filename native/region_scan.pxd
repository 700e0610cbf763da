"""From the pixels of a row to runs of candidates: pixels that leave the bounds of their place, `p < lo or p > hi`.

Flat field and threshold are folded into the bounds, so the full-rate loop compares bytes and multiplies nothing. It
answers one question per stretch of STRETCH pixels, at the pace of memory: anything here? Only a stretch that says yes
is turned into bits, 64 pixels at a time, whose runs are found by arithmetic instead of branches. A run that continues
in the next 64 pixels is two runs here; they touch, so they end in the same region.
"""

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    #error "the first pixel is taken to be the lowest byte of a word"
    #endif
    """
    int lowest_bit "__builtin_ctzll"(uint64_t word) noexcept nogil

cdef enum:
    BITS = 64  # pixels that are turned into runs at once
    STRETCH = 256  # pixels that are skipped at once

cdef struct Row:
    const uint8_t *pixels
    const uint8_t *lo
    const uint8_t *hi
    const float *gain
    int32_t y
    int32_t columns

cdef struct Run:
    int32_t x0
    int32_t x1


cdef inline uint8_t leaves(uint8_t p, uint8_t lo, uint8_t hi) noexcept nogil:
    """Not 0 where p leaves its bounds; in this form no vector compare has to be inverted."""
    return (max(p, lo) ^ p) | (min(p, hi) ^ p)


cdef inline uint8_t any_leaves(const Row *row, int32_t begin, int32_t length) noexcept nogil:
    """Not 0 where a stretch holds a candidate."""
    cdef const uint8_t *pixels = row.pixels + begin
    cdef const uint8_t *lo = row.lo + begin
    cdef const uint8_t *hi = row.hi + begin
    cdef uint8_t out = 0
    cdef int32_t x
    for x in range(length):
        out |= leaves(pixels[x], lo[x], hi[x])
    return out


cdef inline void mark(const Row *row, int32_t begin, int32_t length, uint8_t *marks) noexcept nogil:
    """1 for every candidate of a stretch, 0 for what is normal."""
    cdef const uint8_t *pixels = row.pixels + begin
    cdef const uint8_t *lo = row.lo + begin
    cdef const uint8_t *hi = row.hi + begin
    cdef int32_t x
    for x in range(length):
        marks[x] = leaves(pixels[x], lo[x], hi[x]) != 0


cdef inline uint64_t as_bits(const uint8_t *marks) noexcept nogil:
    """64 marks as bits, the first one lowest; the product gathers the lowest bits of eight bytes in its top byte."""
    cdef uint64_t bits = 0, word
    cdef int n
    for n in range(8):
        memcpy(&word, marks + 8 * n, 8)
        bits |= ((word * 0x0102040810204080ULL) >> 56) << (8 * n)
    return bits


cdef inline uint64_t take_run(uint64_t bits, int32_t begin, Run *run) noexcept nogil:
    """The lowest run of `bits`, whose lowest bit is column `begin`; returns what is left without it.

    Adding the lowest bit carries through the run: the bit behind it is set, or none where the run ends the word.
    """
    cdef uint64_t behind = bits + (bits & (~bits + 1))
    run.x0 = begin + lowest_bit(bits)
    run.x1 = begin + (lowest_bit(behind) if behind else BITS)
    return bits & behind
