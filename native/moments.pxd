# cython: language_level=3
"""Moments of one window: sums of powers of what is left without the mean, scaled to its peak.

Powers of the scaled signal neither leave the range of float32 in any unit nor lose digits: sums are taken in float32
over blocks that are short, and the blocks in float64.
"""

from libc.math cimport NAN, isfinite, sqrt, sqrtf

from fourier cimport Target

cdef struct Moments:
    double mean, rms, peak, peak_to_peak, crest, skewness, kurtosis, mean_abs, mean_root, crossings, unit
    bint finite

cdef struct Scale:
    float before, mean, factor, rest

cdef struct Sums:
    double power, cubes, fourths, sizes, roots
    Py_ssize_t crossings, zeros


cdef inline Moments moments_of(const float *x, Py_ssize_t n, float *scaled) noexcept nogil:
    """Moments of `n` samples; `scaled` becomes (x - mean) / unit, or 0 where all samples are the same."""
    cdef Moments m = extent(x, n)
    cdef Scale scale = scale_of(&m)
    cdef Sums s
    cdef double d
    cdef Py_ssize_t i
    if not m.finite:
        return m
    scaled[0] = d = scaled_of(x[0], scale)
    s = Sums(d * d, d * d * d, d * d * d * d, abs(d), sqrt(abs(d)), 0, 0)
    for i in range(1, n, 128):
        add_block(x + i, min(n - i, 128), scale, &s, scaled + i)
    s.power /= n
    m.rms = m.unit * sqrt(s.power)
    m.mean_abs = m.unit * s.sizes / n
    m.mean_root = sqrt(m.unit) * s.roots / n
    m.crossings = s.crossings if s.zeros == 0 else crossings_of(scaled, n)
    if m.peak > 0:
        m.crest = m.peak / m.rms
        m.skewness = s.cubes / n / (s.power * sqrt(s.power))
        m.kurtosis = s.fourths / n / (s.power * s.power)
    return m


cdef inline Scale scale_of(Moments *m) noexcept nogil:
    """How samples become (x - mean) / unit in float32; the unit is the peak, or the least that float32 can invert."""
    cdef Scale s = Scale(1, 0, 0, 0)
    if m.finite and m.peak > 0:
        # The difference of two samples may be twice what float32 holds.
        s.before = <float> 0.25 if m.peak > 1e37 else <float> 1
        s.mean = <float> (m.mean * s.before)
        s.factor = <float> min(1 / (m.peak * s.before), 3e38)
        s.rest = <float> ((m.mean * s.before - s.mean) * s.factor)
        m.unit = 1 / (<double> s.before * s.factor)
    return s


cdef inline float scaled_of(float x, Scale scale) noexcept nogil:
    """What float32 loses of the mean is taken off last: sooner it would be lost again."""
    return (x * scale.before - scale.mean) * scale.factor - scale.rest


cdef inline void add_block(const float *x, Py_ssize_t n, Scale scale, Sums *sums, Target scaled
                           ) noexcept nogil:
    """Scale up to 128 samples and add to the sums; the sample before them is read, too."""
    cdef float s1 = 0, s2 = 0, s3 = 0, s4 = 0, roots = 0, d, e, size
    cdef int j, crossings = 0, zeros = 0
    for j in range(<int> n):
        d = scaled_of(x[j], scale)
        e = d * scaled_of(x[j - 1], scale)
        crossings += 1 if e < 0 else 0
        zeros += 1 if e == 0 else 0
        scaled[j] = d
        size = d if d > 0 else -d
        e = d * d
        s1 += size
        s2 += e
        s3 += e * d
        s4 += e * e
        roots += sqrtf(size)
    sums.sizes += s1
    sums.power += s2
    sums.cubes += s3
    sums.fourths += s4
    sums.roots += roots
    sums.crossings += crossings
    sums.zeros += zeros


cdef inline Moments extent(const float *x, Py_ssize_t n) noexcept nogil:
    """Mean, peak and peak to peak; side by side in lanes, for a minimum of floats has no vector form of its own."""
    cdef float low[32]
    cdef float high[32]
    cdef double total[32]
    cdef Py_ssize_t i, j
    cdef Moments m
    m.rms = m.skewness = m.kurtosis = m.crest = m.mean_abs = m.mean_root = m.crossings = NAN
    m.unit = 0
    for j in range(32):
        low[j] = high[j] = x[0]
        total[j] = 0
    for i in range(0, n - 31, 32):
        for j in range(32):
            low[j] = x[i + j] if x[i + j] < low[j] else low[j]
        for j in range(32):
            high[j] = x[i + j] if x[i + j] > high[j] else high[j]
        for j in range(32):
            total[j] += x[i + j]
    for i in range(n - n % 32, n):
        low[0] = min(low[0], x[i])
        high[0] = max(high[0], x[i])
        total[0] += x[i]
    for j in range(1, 32):
        low[0] = min(low[0], low[j])
        high[0] = max(high[0], high[j])
        total[0] += total[j]
    m.finite = isfinite(total[0])
    # Rounding of the sum may put the mean of equal samples beside them: they are their mean.
    m.mean = low[0] if low[0] == high[0] else total[0] / n
    m.peak = max(high[0] - m.mean, m.mean - low[0]) if m.finite else NAN
    m.peak_to_peak = <double> high[0] - low[0] if m.finite else NAN
    m.mean = m.mean if m.finite else NAN
    return m


cdef inline double crossings_of(const float *d, Py_ssize_t n) noexcept nogil:
    """Changes of sign, one by one; samples that are exactly zero belong to the side that the signal came from."""
    cdef Py_ssize_t i
    cdef double crossings = 0
    cdef float side = 0
    for i in range(n):
        if d[i] != 0:
            if side * d[i] < 0:
                crossings += 1
            side = 1 if d[i] > 0 else -1
    return crossings
