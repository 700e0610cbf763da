"""CRC-32C (Castagnoli) over one contiguous buffer; the face is cellctl/kernels/checksum.py.

Strategy. The register of a CRC is linear over GF(2), so three stretches of LANE bytes can run side by side and be
joined afterwards: the register of the first stretch is moved over LANE zero bytes by table, then the next one is
XORed in. That hides the three-cycle latency of the SSE4.2 instruction. Without SSE4.2 the same polynomial runs
through eight tables, eight bytes a step ("slicing by 8"). Which one runs is decided once, at import.
"""

from libc.stdint cimport uint8_t, uint32_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    #define CELL_POLYNOMIAL 0x82F63B78u /* 0x1EDC6F41 bit-reversed */
    #define CELL_LANE 4096

    static uint32_t cell_slice[8][256]; /* slice[k][b]: byte b followed by k zero bytes */
    static uint32_t cell_shift[4][256]; /* byte k of a register moved over CELL_LANE zero bytes */

    static uint32_t cell_bytes(uint32_t state, const uint8_t *data, size_t length) {
        while (length--) state = (state >> 8) ^ cell_slice[0][(state ^ *data++) & 0xFF];
        return state;
    }

    static uint32_t cell_move(uint32_t state) {
        return cell_shift[0][state & 0xFF] ^ cell_shift[1][(state >> 8) & 0xFF] ^
               cell_shift[2][(state >> 16) & 0xFF] ^ cell_shift[3][state >> 24];
    }

    static void cell_make_tables(void) {
        uint32_t basis[32];
        for (uint32_t b = 0; b < 256; b++) {
            uint32_t state = b;
            for (int bit = 0; bit < 8; bit++) state = (state >> 1) ^ (CELL_POLYNOMIAL & (0u - (state & 1)));
            cell_slice[0][b] = state;
        }
        for (int k = 1; k < 8; k++)
            for (int b = 0; b < 256; b++)
                cell_slice[k][b] = (cell_slice[k - 1][b] >> 8) ^ cell_slice[0][cell_slice[k - 1][b] & 0xFF];
        for (int bit = 0; bit < 32; bit++) {
            uint32_t state = 1u << bit;
            for (int i = 0; i < CELL_LANE; i++) state = (state >> 8) ^ cell_slice[0][state & 0xFF];
            basis[bit] = state;
        }
        for (int k = 0; k < 4; k++)
            for (int b = 0; b < 256; b++) {
                uint32_t state = 0;
                for (int bit = 0; bit < 8; bit++) if (b >> bit & 1) state ^= basis[8 * k + bit];
                cell_shift[k][b] = state;
            }
    }

    /* Byte order is explicit, so the fallback is right on big-endian machines too. */
    static uint32_t cell_sliced(uint32_t state, const uint8_t *p, size_t length) {
        for (; length >= 8; p += 8, length -= 8) {
            state ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
            state = cell_slice[7][state & 0xFF] ^ cell_slice[6][(state >> 8) & 0xFF] ^
                    cell_slice[5][(state >> 16) & 0xFF] ^ cell_slice[4][state >> 24] ^
                    cell_slice[3][p[4]] ^ cell_slice[2][p[5]] ^ cell_slice[1][p[6]] ^ cell_slice[0][p[7]];
        }
        return cell_bytes(state, p, length);
    }

    #if defined(__x86_64__) && defined(__GNUC__)
    #include <nmmintrin.h>
    static uint64_t cell_word(const uint8_t *p) { uint64_t word; memcpy(&word, p, 8); return word; }

    __attribute__((target("sse4.2")))
    static uint32_t cell_hardware(uint32_t state, const uint8_t *p, size_t length) {
        for (; length >= 3 * CELL_LANE; p += 3 * CELL_LANE, length -= 3 * CELL_LANE) {
            uint64_t a = state, b = 0, c = 0;
            for (int i = 0; i < CELL_LANE; i += 8) {
                a = _mm_crc32_u64(a, cell_word(p + i));
                b = _mm_crc32_u64(b, cell_word(p + CELL_LANE + i));
                c = _mm_crc32_u64(c, cell_word(p + 2 * CELL_LANE + i));
            }
            state = cell_move(cell_move((uint32_t)a) ^ (uint32_t)b) ^ (uint32_t)c;
        }
        for (; length >= 8; p += 8, length -= 8) state = (uint32_t)_mm_crc32_u64(state, cell_word(p));
        return cell_bytes(state, p, length);
    }
    static int cell_has_hardware(void) { __builtin_cpu_init(); return __builtin_cpu_supports("sse4.2") != 0; }
    #else
    #define cell_hardware cell_sliced
    static int cell_has_hardware(void) { return 0; }
    #endif
    """
    void cell_make_tables() noexcept nogil
    int cell_has_hardware() noexcept nogil
    uint32_t cell_sliced(uint32_t state, const uint8_t *data, size_t length) noexcept nogil
    uint32_t cell_hardware(uint32_t state, const uint8_t *data, size_t length) noexcept nogil

cell_make_tables()

cdef bint _has_hardware = cell_has_hardware()

has_hardware = bool(_has_hardware)


def crc32c(const uint8_t[::1] data, uint32_t value, bint portable):
    """Continue the CRC `value` over `data`, not empty; `portable` forces the table path."""
    cdef const uint8_t *start = &data[0]
    cdef size_t length = data.shape[0]
    cdef uint32_t state = ~value
    with nogil:
        if _has_hardware and not portable:
            state = cell_hardware(state, start, length)
        else:
            state = cell_sliced(state, start, length)
    return ~state & 0xFFFFFFFF
