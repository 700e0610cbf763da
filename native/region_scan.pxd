"""From the pixels of a row to runs of candidates: pixels that leave the bounds of their place, `p < lo or p > hi`.

Flat field and threshold are folded into the bounds, so the full-rate loop multiplies nothing; it only asks of every
stretch of STRETCH pixels, at the pace of memory, whether any of it is beyond. Only where one is are its pixels looked at
one by one, and turned into bits, 64 pixels to a word. A bit that differs from the one before it is an edge: every second
edge begins a run, the next one ends it, over words and stretches alike. The words with edges are listed before any edge
is looked for: whether a word has one cannot be foretold, and a branch foretold wrong costs more than writing down a word
in vain.
"""

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.string cimport memset

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    #if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    #error "the first pixel is taken to be the lowest byte of a word"
    #endif

    /* 64 bytes, each 0 or 255, as bits, the first one lowest. No loop that a compiler knows becomes the instruction
       for this that every x86-64 has; elsewhere each byte of eight gives its own bit, and a product adds them up. */
    #if defined(__SSE2__)
    #include <emmintrin.h>
    static inline uint64_t cell_as_bits(const uint8_t *bytes) {
        uint64_t bits = 0;
        for (int n = 0; n < 4; n++) {
            const __m128i part = _mm_loadu_si128((const __m128i *)(bytes + 16 * n));
            bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(part) << (16 * n);
        }
        return bits;
    }
    #else
    static inline uint64_t cell_as_bits(const uint8_t *bytes) {
        uint64_t bits = 0, word;
        for (int n = 0; n < 8; n++) {
            memcpy(&word, bytes + 8 * n, 8);
            bits |= ((word & 0x8040201008040201ULL) * 0x0101010101010101ULL >> 56) << (8 * n);
        }
        return bits;
    }
    #endif
    """
    uint64_t as_bits "cell_as_bits"(const uint8_t *inside) noexcept nogil
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


cdef inline bint is_clean(const Row *row, int32_t begin, int32_t length) noexcept nogil:
    """Whether a stretch is within bounds; by how much a pixel is beyond them needs no comparison."""
    cdef const uint8_t *pixels = row.pixels + begin
    cdef const uint8_t *lo = row.lo + begin
    cdef const uint8_t *hi = row.hi + begin
    cdef uint8_t beyond = 0
    cdef int32_t x
    for x in range(length):
        beyond |= <uint8_t> (max(pixels[x], hi[x]) - hi[x]) | <uint8_t> (max(lo[x], pixels[x]) - pixels[x])
    return beyond == 0


cdef inline void mark_inside(const Row *row, int32_t begin, int32_t length, uint8_t *inside) noexcept nogil:
    """Whether each pixel of a stretch is within bounds: 255 for yes, 0 for no."""
    cdef const uint8_t *pixels = row.pixels + begin
    cdef const uint8_t *lo = row.lo + begin
    cdef const uint8_t *hi = row.hi + begin
    cdef int32_t x
    for x in range(length):
        inside[x] = 255 if (max(pixels[x], lo[x]) == pixels[x]) & (min(pixels[x], hi[x]) == pixels[x]) else 0


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
        if before or not is_clean(row, begin, STRETCH):
            mark_inside(row, begin, STRETCH, inside)
            before = list_words(edges, inside, before, begin)
        begin += STRETCH
    if begin < row.columns:
        if before or not is_clean(row, begin, row.columns - begin):
            memset(inside, 255, STRETCH)
            mark_inside(row, begin, row.columns - begin, inside)
            before = list_words(edges, inside, before, begin)
    place_edges(edges)
    if before:
        edges.places[edges.used] = row.columns
        edges.used += 1
