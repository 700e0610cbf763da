# cython: language_level=3
"""Moments of one window: sums of powers of what is left without the mean, scaled to its peak.

Powers of the scaled signal neither leave the range of float32 in any unit nor lose digits: sums are taken in float32
over blocks that are short, and the blocks in float64.
"""

from libc.math cimport NAN, isfinite, sqrt, sqrtf

cdef struct Moments:
    double mean, rms, peak, peak_to_peak, crest, skewness, kurtosis, mean_abs, mean_root, crossings
    bint finite


cdef inline Moments moments_of(const float *x, Py_ssize_t n, float *scaled) noexcept nogil:
    """Moments of `n` samples; `scaled` becomes (x - mean) / peak, or 0 where all samples are the same."""
    cdef Moments m = extent(x, n)
    cdef double cubes = 0, fourths = 0, power = 0, sizes = 0, roots = 0, factor
    cdef float s2, s3, s4, s1, sr, d, e
    cdef Py_ssize_t i, j, stop
    m.rms = m.skewness = m.kurtosis = m.crest = m.mean_abs = m.mean_root = m.crossings = NAN
    if not m.finite:
        return m
    factor = 1 / m.peak if m.peak > 0 else 0
    for i in range(n):
        scaled[i] = <float> ((x[i] - m.mean) * factor)
    for i in range(0, n, 128):
        stop = min(i + 128, n)
        s1 = s2 = s3 = s4 = sr = 0
        for j in range(i, stop):
            d = scaled[j]
            e = d * d
            s2 += e
            s3 += e * d
            s4 += e * e
            s1 += d if d > 0 else -d
            sr += sqrtf(d if d > 0 else -d)
        power += s2
        cubes += s3
        fourths += s4
        sizes += s1
        roots += sr
    power /= n
    m.rms = m.peak * sqrt(power)
    m.mean_abs = m.peak * sizes / n
    m.mean_root = sqrt(m.peak) * roots / n
    m.crossings = crossings_of(scaled, n)
    if m.peak > 0:
        m.crest = 1 / sqrt(power)
        m.skewness = cubes / n / (power * sqrt(power))
        m.kurtosis = fourths / n / (power * power)
    return m


cdef inline Moments extent(const float *x, Py_ssize_t n) noexcept nogil:
    """Mean, peak and peak to peak; side by side in lanes, for a minimum of floats has no vector form of its own."""
    cdef float low[32]
    cdef float high[32]
    cdef double total = 0
    cdef Py_ssize_t i, j
    cdef Moments m
    cdef float least, most
    for j in range(32):
        low[j] = high[j] = x[0]
    for i in range(n):
        total += x[i]
    for i in range(0, n - 31, 32):
        for j in range(32):
            low[j] = x[i + j] if x[i + j] < low[j] else low[j]
        for j in range(32):
            high[j] = x[i + j] if x[i + j] > high[j] else high[j]
    for i in range(n - n % 32, n):
        low[0] = min(low[0], x[i])
        high[0] = max(high[0], x[i])
    least, most = low[0], high[0]
    for j in range(1, 32):
        least = min(least, low[j])
        most = max(most, high[j])
    m.finite = isfinite(total)
    # Rounding of the sum may put the mean of equal samples beside them: they are their mean.
    m.mean = least if least == most else total / n
    m.peak = max(most - m.mean, m.mean - least) if m.finite else NAN
    m.peak_to_peak = <double> most - least if m.finite else NAN
    return m


cdef inline double crossings_of(const float *d, Py_ssize_t n) noexcept nogil:
    """Changes of sign; samples that are exactly zero belong to the side that the signal came from."""
    cdef Py_ssize_t i, j, stop
    cdef double crossings = 0
    cdef float changes, zeros = 0, side = 0
    for i in range(1, n, 128):
        stop = min(i + 128, n)
        changes = 0
        for j in range(i, stop):
            changes += <float> 1 if d[j] * d[j - 1] < 0 else <float> 0
            zeros += <float> 1 if d[j] * d[j - 1] == 0 else <float> 0
        crossings += changes
    if zeros == 0:
        return crossings
    crossings = 0
    for i in range(n):
        if d[i] != 0:
            if side * d[i] < 0:
                crossings += 1
            side = 1 if d[i] > 0 else -1
    return crossings
