"""Pixels darker than the mean around them; the face is cellctl/kernels/local_threshold.py.

Strategy. A row is summed along first, so that its sums fit 16 bits: sums of 1, 2, 4, 8 ... pixels, each out of two of
the last. The window is put together out of few of them, such as 31 = 32 - 1; sums that are too large wrap and come
back. Unlike a running sum this has no chain from pixel to pixel, so it becomes vector code. Downwards the sums of the
rows run: one comes, one goes.
"""

from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t

cdef enum:
    STRETCH = 512  # columns at a time, so that their sums of every length stay in the first-level cache


cdef void spread(const uint8_t *row, uint16_t *wide, Py_ssize_t columns, Py_ssize_t first,
                 Py_ssize_t count) noexcept nogil:
    """Columns from `first` on; beyond the ends of the row its first and last pixel are repeated."""
    cdef Py_ssize_t x, left = min(max(-first, 0), count), stop = min(max(columns - first, left), count)
    for x in range(left):
        wide[x] = row[0]
    for x in range(left, stop):
        wide[x] = row[first + x]
    for x in range(stop, count):
        wide[x] = row[columns - 1]


cdef void add(const uint16_t *one, const uint16_t *other, uint16_t *out, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        out[x] = <uint16_t>(one[x] + other[x])


cdef void subtract(const uint16_t *one, const uint16_t *other, uint16_t *out, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(count):
        out[x] = <uint16_t>(one[x] - other[x])


cdef int nearest_power(Py_ssize_t length) noexcept nogil:
    """Exponent of the power of two nearest to `length`, the lower one of two."""
    cdef int power = 0
    while 3 << power < 2 * length:
        power += 1
    return power


cdef void put_together(uint16_t[:, ::1] work, uint16_t *sums, Py_ssize_t window, Py_ssize_t count) noexcept nogil:
    """`count` sums of `window` pixels; `work[k]` holds those of 2 to the power of k."""
    cdef int power = nearest_power(window)
    cdef Py_ssize_t end = 1 << power
    cdef const uint16_t *so_far = &work[power, 0]
    while end != window:
        power = nearest_power(max(window - end, end - window))
        if end < window:
            add(so_far, &work[power, end], sums, count)
            end += 1 << power
        else:
            end -= 1 << power
            subtract(so_far, &work[power, end], sums, count)
        so_far = sums


cdef void sum_along(const uint8_t *row, uint16_t[:, ::1] work, uint16_t *sums, Py_ssize_t window,
                    Py_ssize_t columns) noexcept nogil:
    """The sum of the window around every column of a row."""
    cdef Py_ssize_t start = 0, count, wide
    cdef int power, highest = nearest_power(window)
    while start < columns:
        count = min(columns - start, STRETCH)
        wide = count + window + window // 3  # putting together goes at most a third beyond the window
        spread(row, &work[0, 0], columns, start - window // 2, wide)
        for power in range(highest):
            add(&work[power, 0], &work[power, 1 << power], &work[power + 1, 0], wide - (2 << power) + 1)
        put_together(work, sums + start, window, count)
        start += STRETCH


cdef void add_row(const uint16_t *come, int32_t *total, Py_ssize_t columns) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(columns):
        total[x] += come[x]


cdef void mark(const uint16_t *come, const uint16_t *go, int32_t *total, const uint8_t *row, uint8_t *out,
               int32_t area, int32_t least, Py_ssize_t columns) noexcept nogil:
    """Move the window down a row; 255 where its sum is by more than `least` above `area` times the pixel.

    Two sums of a row differ by 127 · 255 at most, so their difference needs no more than 16 bits.
    """
    cdef Py_ssize_t x
    cdef int32_t now
    for x in range(columns):
        now = total[x] + <int16_t><uint16_t>(come[x] - go[x])
        total[x] = now
        out[x] = 255 if now - row[x] * area > least else 0


def local_threshold(const uint8_t[:, :] pixels, uint16_t[:, ::1] work, uint16_t[:, ::1] ring, int32_t[::1] total,
                    uint8_t[:, ::1] out, Py_ssize_t window, int32_t least, Py_ssize_t start, Py_ssize_t stop):
    """Fill rows `start` to `stop` of `out`; see the face.

    `work` holds 8 rows of `STRETCH` and four thirds of the window; `ring` holds the sums of `window + 1` rows; `total`
    is all 0.
    """
    cdef Py_ssize_t y, above, below, reach = window // 2, last = pixels.shape[0] - 1, columns = pixels.shape[1]
    cdef Py_ssize_t ready = min(max(start - reach - 1, 0), last)
    cdef int32_t area = <int32_t>(window * window)
    with nogil:
        for y in range(start - reach - 1, stop + reach):
            below = min(max(y, 0), last)
            while ready <= below:
                sum_along(&pixels[ready, 0], work, &ring[ready % ring.shape[0], 0], window, columns)
                ready += 1
            if y < start + reach:
                add_row(&ring[below % ring.shape[0], 0], &total[0], columns)
            else:
                above = min(max(y - window, 0), last)
                mark(&ring[below % ring.shape[0], 0], &ring[above % ring.shape[0], 0], &total[0],
                     &pixels[y - reach, 0], &out[y - reach, 0], area, least, columns)
