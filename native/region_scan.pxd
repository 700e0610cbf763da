"""From the pixels of a row to runs of candidates: pixels that leave the bounds of their place, `p < lo or p > hi`.

Flat field and threshold are folded into the bounds, so the full-rate loop compares bytes and multiplies nothing. It
answers one question per stretch of STRETCH pixels, at the pace of memory: is all of it within bounds? Its answers for
the single pixels stay in the nearest cache, and only where one is no they are turned into bits, 64 pixels to a word. A
bit that differs from the one before it is an edge: every second edge begins a run, the next one ends it, over words and
stretches alike. The words with edges are listed before any edge is looked for: whether a word has one cannot be
foretold, and a branch foretold wrong costs more than writing down a word in vain.
"""

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.string cimport memcpy, memset

cdef extern from *:
    """
    #if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    #error "the first pixel is taken to be the lowest byte of a word"
    #endif
    """
    int lowest_bit "__builtin_ctzll"(uint64_t word) noexcept nogil

cdef enum:
    STRETCH = 256  # pixels that are skipped at once
    WORDS = 4  # words in it
    BITS = 64  # pixels in a word

cdef struct Row:
    const uint8_t *pixels
    const uint8_t *lo
    const uint8_t *hi
    const float *gain
    int32_t y
    int32_t columns

cdef struct Edges:
    uint64_t *words  # those with edges, and the column of their first pixel
    int32_t *begins
    int32_t *places
    int32_t listed
    int32_t used


cdef inline uint8_t all_inside(const Row *row, int32_t begin, int32_t length, uint8_t *inside) noexcept nogil:
    """Whether a stretch is within bounds, and the same of every pixel of it: 255 for yes, 0 for no."""
    cdef const uint8_t *pixels = row.pixels + begin
    cdef const uint8_t *lo = row.lo + begin
    cdef const uint8_t *hi = row.hi + begin
    cdef uint8_t everything = 255
    cdef int32_t x
    for x in range(length):
        inside[x] = 255 if (max(pixels[x], lo[x]) == pixels[x]) & (min(pixels[x], hi[x]) == pixels[x]) else 0
        everything &= inside[x]
    return everything


cdef inline uint64_t as_bits(const uint8_t *inside) noexcept nogil:
    """64 pixels as bits, the first one lowest; every byte of eight gives its own bit, and a product adds them up."""
    cdef uint64_t bits = 0, word
    cdef int32_t n
    for n in range(8):
        memcpy(&word, inside + 8 * n, 8)
        bits |= ((word & 0x8040201008040201ULL) * 0x0101010101010101ULL >> 56) << (8 * n)
    return bits


cdef inline uint64_t list_words(Edges *edges, const uint8_t *inside, uint64_t before, int32_t begin) noexcept nogil:
    """List the words with edges of a stretch, where `before` is the bit before the first; returns the last bit."""
    cdef uint64_t bits
    cdef int32_t n, listed = edges.listed
    for n in range(WORDS):
        bits = ~as_bits(inside + n * BITS)
        edges.words[listed] = bits ^ (bits << 1 | before)
        edges.begins[listed] = begin + n * BITS
        listed += edges.words[listed] != 0
        before = bits >> (BITS - 1)
    edges.listed = listed
    return before


cdef inline void place_edges(Edges *edges) noexcept nogil:
    """The columns of all edges of the words listed."""
    cdef int32_t n, used = 0
    cdef uint64_t left
    for n in range(edges.listed):
        left = edges.words[n]
        while left:
            edges.places[used] = edges.begins[n] + lowest_bit(left)
            used += 1
            left &= left - 1
    edges.used = used


cdef inline void row_edges(Edges *edges, const Row *row) noexcept nogil:
    """Note the edges of a row; only a stretch of the usual length is scanned in a loop of fixed length."""
    cdef uint8_t inside[STRETCH]
    cdef uint64_t before = 0
    cdef int32_t begin = 0
    edges.listed = 0
    while begin + STRETCH <= row.columns:
        if not all_inside(row, begin, STRETCH, inside) or before:
            before = list_words(edges, inside, before, begin)
        begin += STRETCH
    if begin < row.columns:
        memset(inside, 255, STRETCH)
        if not all_inside(row, begin, row.columns - begin, inside) or before:
            before = list_words(edges, inside, before, begin)
    place_edges(edges)
    if before:
        edges.places[edges.used] = row.columns
        edges.used += 1
