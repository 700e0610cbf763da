# cython: language_level=3
"""Fourier transform of a power of two, in split complex float32: what kernels that look at spectra share.

Stockham's self-sorting form: every pass reads one pair of arrays in order and writes another. The first pass, radix 8,
takes 8 groups side by side and shuffles them into place; in all others the inner loop runs over `stride` neighbours
with the same twiddle factors. Both are what the compiler turns into vector code. Pointers, because passes exchange
their arrays; `__restrict`, because the compiler would otherwise check 32 streams against each other before every loop.
"""

cdef extern from *:
    """
    typedef float *__restrict cellctl_target;
    typedef const float *__restrict cellctl_source;
    """
    ctypedef float* Target "cellctl_target"
    ctypedef const float* Source "cellctl_source"

cdef enum:
    APART = 128  # values between arrays: at a power of two they would all ask for the same lines of the cache

cdef inline void put(float *re, float *im, Py_ssize_t at, float a, float b, float c, float d) noexcept nogil:
    """(a + ib)(c + id)."""
    re[at] = a * c - b * d
    im[at] = a * d + b * c


cdef inline void butterfly_four(float ar, float ai, float br, float bi, float cr, float ci, float dr, float di,
                                float *yr, float *yi, Py_ssize_t at, Py_ssize_t stride,
                                float c1, float s1, float c2, float s2, float c3, float s3) noexcept nogil:
    """The transform of a, b, c, d, each result turned by its twiddle factor (c + is)."""
    cdef float er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci
    cdef float gr = br + dr, gi = bi + di, hr = bi - di, hi = dr - br
    yr[at] = er + gr
    yi[at] = ei + gi
    put(yr, yi, at + stride, fr + hr, fi + hi, c1, s1)
    put(yr, yi, at + 2 * stride, er - gr, ei - gi, c2, s2)
    put(yr, yi, at + 3 * stride, fr - hr, fi - hi, c3, s3)


cdef inline void butterfly_odd(float ar, float ai, float br, float bi, float cr, float ci, float dr, float di,
                               float *yr, float *yi, Py_ssize_t at, Py_ssize_t stride,
                               float c0, float s0, float c1, float s1, float c2, float s2, float c3, float s3
                               ) noexcept nogil:
    """The odd results of eight values out of the differences of the first four and the last four of them.

    They are the transform of a, b, c, d turned by 0, -45, -90 and -135 degrees.
    """
    cdef float h = 0.70710678
    cdef float pr = (br + bi) * h, pi = (bi - br) * h, qr = (di - dr) * h, qi = -(dr + di) * h
    cdef float er = ar + ci, ei = ai - cr, fr = ar - ci, fi = ai + cr
    cdef float gr = pr + qr, gi = pi + qi, hr = pi - qi, hi = qr - pr
    put(yr, yi, at, er + gr, ei + gi, c0, s0)
    put(yr, yi, at + stride, fr + hr, fi + hi, c1, s1)
    put(yr, yi, at + 2 * stride, er - gr, ei - gi, c2, s2)
    put(yr, yi, at + 3 * stride, fr - hr, fi - hi, c3, s3)


cdef inline void shuffle(const float *x, float *y) noexcept nogil:
    """64 values, the two halves interleaved. Done three times, it turns 8 rows of 8 into columns, in vector code."""
    cdef Py_ssize_t j
    for j in range(32):
        y[2 * j] = x[j]
        y[2 * j + 1] = x[32 + j]


cdef inline void first_block(const float *xr, const float *xi, Py_ssize_t step, Py_ssize_t s, float *yr, float *yi,
                             const float *w) noexcept nogil:
    """8 groups of the first pass, side by side, and then each result to its place in its group.

    The eight values of a group lie `s` apart, and neighbours of groups `step`.
    """
    cdef Py_ssize_t j, i
    cdef float re[64]
    cdef float im[64]
    cdef float other[64]
    cdef const float *vr = xr + 4 * s
    cdef const float *vi = xi + 4 * s
    for j in range(8):
        i = j * step
        butterfly_four(xr[i] + vr[i], xi[i] + vi[i], xr[i + s] + vr[i + s], xi[i + s] + vi[i + s],
                       xr[i + 2 * s] + vr[i + 2 * s], xi[i + 2 * s] + vi[i + 2 * s], xr[i + 3 * s] + vr[i + 3 * s],
                       xi[i + 3 * s] + vi[i + 3 * s], re, im, j, 16, w[j + 16], w[j + 24], w[j + 48], w[j + 56],
                       w[j + 80], w[j + 88])
        butterfly_odd(xr[i] - vr[i], xi[i] - vi[i], xr[i + s] - vr[i + s], xi[i + s] - vi[i + s],
                      xr[i + 2 * s] - vr[i + 2 * s], xi[i + 2 * s] - vi[i + 2 * s], xr[i + 3 * s] - vr[i + 3 * s],
                      xi[i + 3 * s] - vi[i + 3 * s], re, im, 8 + j, 16, w[j], w[j + 8], w[j + 32], w[j + 40],
                      w[j + 64], w[j + 72], w[j + 96], w[j + 104])
    shuffle(re, other)
    shuffle(other, re)
    shuffle(re, yr)
    shuffle(im, other)
    shuffle(other, im)
    shuffle(im, yi)


cdef inline void first_few(const float *x, Py_ssize_t step, float *block, Py_ssize_t e) noexcept nogil:
    """8 rows of `e` values as rows of 8, so that fewer than 8 groups make a block, too."""
    cdef Py_ssize_t k, j
    for k in range(64):
        block[k] = 0
    for k in range(8):
        for j in range(e):
            block[8 * k + j] = x[(k * e + j) * step]


cdef inline void first_pass(const float *xr, const float *xi, Py_ssize_t step, float *yr, float *yi, Py_ssize_t size,
                            const float *w) noexcept nogil:
    """Radix 8 at stride 1; element k lies at `k * step`, so that real samples are read as pairs where they are.

    The twiddle factors lie as (size / 64, 7, 2, 8): those of one block together.
    """
    cdef Py_ssize_t p, e = size // 8
    cdef float re[64]
    cdef float im[64]
    if e < 8:
        first_few(xr, step, re, e)
        first_few(xi, step, im, e)
        first_block(re, im, 1, 8, re, im, w)
        for p in range(size):
            yr[p] = re[p]
            yi[p] = im[p]
    elif step == 2:
        for p in range(0, e, 8):
            first_block(xr + 2 * p, xi + 2 * p, 2, 2 * e, yr + 8 * p, yi + 8 * p, w + 14 * p)
    else:
        for p in range(0, e, 8):
            first_block(xr + p, xi + p, 1, e, yr + 8 * p, yi + 8 * p, w + 14 * p)


cdef inline void store(const float *block, float *y, Py_ssize_t rows, Py_ssize_t stride) noexcept nogil:
    """Rows of 8 values, to every `stride`-th place."""
    cdef Py_ssize_t k, j
    for k in range(rows):
        for j in range(8):
            y[k * stride + j] = block[8 * k + j]


cdef inline void pass_eight(const float *xr, const float *xi, float *yr, float *yi, Py_ssize_t size,
                            Py_ssize_t stride, const float *table) noexcept nogil:
    """Radix 8; the twiddle factors lie as (size / 8 / stride, 7, 2)."""
    cdef Py_ssize_t p, q, i, j, t, o, e = size // 8
    cdef float c1, s1, c2, s2, c3, s3, c4, s4, c5, s5, c6, s6, c7, s7
    cdef float re[64]
    cdef float im[64]
    for p in range(e // stride):
        t = 14 * p
        c1, s1, c2, s2 = table[t], table[t + 1], table[t + 2], table[t + 3]
        c3, s3, c4, s4 = table[t + 4], table[t + 5], table[t + 6], table[t + 7]
        c5, s5, c6, s6 = table[t + 8], table[t + 9], table[t + 10], table[t + 11]
        c7, s7 = table[t + 12], table[t + 13]
        for q in range(0, stride, 8):
            for j in range(8):
                i = p * stride + q + j
                butterfly_four(xr[i] + xr[i + 4 * e], xi[i] + xi[i + 4 * e], xr[i + 1 * e] + xr[i + 5 * e], xi[i + 1 *
                               e] + xi[i + 5 * e], xr[i + 2 * e] + xr[i + 6 * e], xi[i + 2 * e] + xi[i + 6 * e], xr[i +
                               3 * e] + xr[i + 7 * e], xi[i + 3 * e] + xi[i + 7 * e], re, im, j, 16, c2, s2, c4, s4, c6,
                               s6)
                butterfly_odd(xr[i] - xr[i + 4 * e], xi[i] - xi[i + 4 * e], xr[i + 1 * e] - xr[i + 5 * e], xi[i + 1 * e]
                              - xi[i + 5 * e], xr[i + 2 * e] - xr[i + 6 * e], xi[i + 2 * e] - xi[i + 6 * e], xr[i + 3 *
                              e] - xr[i + 7 * e], xi[i + 3 * e] - xi[i + 7 * e], re, im, 8 + j, 16, c1, s1, c3, s3, c5,
                              s5, c7, s7)
            o = 8 * p * stride + q
            store(re, yr + o, 8, stride)
            store(im, yi + o, 8, stride)


cdef inline void pass_four(const float *xr, const float *xi, float *yr, float *yi, Py_ssize_t size, Py_ssize_t stride,
                           const float *table) noexcept nogil:
    """Radix 4; the twiddle factors lie as (size / 4 / stride, 3, 2)."""
    cdef Py_ssize_t p, q, i, j, t, o, e = size // 4
    cdef float c1, s1, c2, s2, c3, s3
    cdef float re[32]
    cdef float im[32]
    for p in range(e // stride):
        t = 6 * p
        c1, s1, c2, s2, c3, s3 = table[t], table[t + 1], table[t + 2], table[t + 3], table[t + 4], table[t + 5]
        for q in range(0, stride, 8):
            for j in range(8):
                i = p * stride + q + j
                butterfly_four(xr[i], xi[i], xr[i + e], xi[i + e], xr[i + 2 * e], xi[i + 2 * e], xr[i + 3 * e],
                               xi[i + 3 * e], re, im, j, 8, c1, s1, c2, s2, c3, s3)
            o = 4 * p * stride + q
            store(re, yr + o, 4, stride)
            store(im, yi + o, 4, stride)


cdef inline void last_two(Source xr, Source xi, Target yr, Target yi, Py_ssize_t size) noexcept nogil:
    """Radix 2 with stride size / 2: the last pass of a size that radix 8 and 4 do not reach."""
    cdef Py_ssize_t q, e = size // 2
    for q in range(e):
        yr[q] = xr[q] + xr[q + e]
        yi[q] = xi[q] + xi[q + e]
        yr[q + e] = xr[q] - xr[q + e]
        yi[q + e] = xi[q] - xi[q + e]


cdef inline bint transform(const float* xr, const float* xi, Py_ssize_t step, float* work, Py_ssize_t size,
                           const float* table) noexcept nogil:
    """The forward transform of `size` values (a power of two, at least 8); exchange re and im for the inverse.

    `work` holds two complex arrays as (re, im, re, im), each of which begins `size + APART` after the one before.
    Returns whether the result lies in the second.
    """
    cdef Py_ssize_t stride = 8, left = size // 8, gap = size + APART
    cdef float* yr = work
    cdef float* zr = work + 2 * gap
    cdef float* other
    cdef bint second = False
    first_pass(xr, xi, step, yr, yr + gap, size, table)
    table += 14 * max(left, 8)
    while left > 1:
        if left == 2:
            last_two(yr, yr + gap, zr, zr + gap, size)
            left = 1
        elif left == 4 or left == 16:
            pass_four(yr, yr + gap, zr, zr + gap, size, stride, table)
            left = left // 4
            table += 6 * left
            stride *= 4
        else:
            pass_eight(yr, yr + gap, zr, zr + gap, size, stride, table)
            left = left // 8
            table += 14 * left
            stride *= 8
        other = yr
        yr = zr
        zr = other
        second = not second
    return second


cdef inline void split_real(Source zr, Source zi, Target re, Target im, Target last_re, Target last_im,
                            Py_ssize_t half, Source w) noexcept nogil:
    """From the transform of pairs of real samples to bins 0..half of the real transform.

    Bins k and half - k come out of the same two values, so they are made together; `last_re` and `last_im` are bin
    `half`, from where the second of them goes downwards. `w` holds exp(-2 pi i k / (2 half)) / 2 as (2, half / 2).
    """
    cdef Py_ssize_t k, middle = half // 2
    cdef float dr, di, er, ei, tr, ti
    for k in range(1, middle):
        dr = zr[k] - zr[half - k]
        di = zi[k] + zi[half - k]
        er = <float> 0.5 * (zr[k] + zr[half - k])
        ei = <float> 0.5 * (zi[k] - zi[half - k])
        tr = w[k] * di + w[middle + k] * dr
        ti = w[middle + k] * di - w[k] * dr
        re[k] = er + tr
        im[k] = ti + ei
        last_re[-k] = er - tr
        last_im[-k] = ti - ei
    re[0] = zr[0] + zi[0]
    last_re[0] = zr[0] - zi[0]
    re[middle] = zr[middle]
    im[middle] = -zi[middle]
    im[0] = last_im[0] = 0


cdef inline void real_transform(const float* samples, float* re, float* im, float* work, Py_ssize_t half,
                                const float* table, const float* halves) noexcept nogil:
    """Bins 0..half of `2 * half` real samples; `work` holds 4 * (half + APART) values."""
    cdef float* z = work
    if transform(samples, samples + 1, 2, work, half, table):
        z = work + 2 * (half + APART)
    split_real(z, z + half + APART, re, im, re + half, im + half, half, halves)
