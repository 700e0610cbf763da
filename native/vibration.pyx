"""Everything that is wanted of one window of vibration; the face is cellctl/kernels/vibration.py.

Strategy. The mean is taken off and the rest scaled to its peak once; every segment is then transformed once, without a
window. Hann's window is laid on in the spectrum, where it is three neighbours: so the same transform also gives the
bins of the envelope's band, whose analytic signal is one short inverse transform.
"""

from libc.math cimport NAN, exp, log, sqrt, sqrtf
from libc.stdint cimport int64_t

from fourier cimport real_transform, transform
from moments cimport Moments, moments_of

cdef double ROUNDING = 3e-8
"""Share of the root of the sum of |X|² under which a bin is rounding of float32."""


cdef class Plan:
    """Tables, bands and work space for windows of one kind; belongs to one thread at a time."""

    cdef const float[::1] table, halves, velocity, short_table, short_half_table, short_halves
    cdef const int64_t[::1] starts
    cdef const int64_t[:, ::1] bands
    cdef Py_ssize_t half, first, width, short
    cdef bint whiten
    cdef double bin_hz
    cdef float[::1] work
    cdef double[::1] products

    def __init__(self, const float[::1] table, const float[::1] halves, const int64_t[::1] starts, double bin_hz,
                 const int64_t[:, ::1] bands, const float[::1] velocity, Py_ssize_t first, Py_ssize_t width,
                 bint whiten, const float[::1] short_table, const float[::1] short_half_table, const float[::1] short_halves,
                 float[::1] work, double[::1] products):
        self.table, self.halves, self.starts, self.bin_hz = table, halves, starts, bin_hz
        self.bands, self.velocity, self.first, self.width, self.whiten = bands, velocity, first, width, whiten
        self.short_table, self.short_half_table, self.short_halves = short_table, short_half_table, short_halves
        self.work, self.products = work, products
        self.half, self.short = halves.shape[0] // 2, short_halves.shape[0]

    def analyse(self, const float[::1] window, double[::1] scalars, float[::1] psd, double[::1] energies,
                float[::1] envelope):
        """Fill the four outputs; `envelope` is empty where none is wanted."""
        cdef Moments m
        cdef float *scaled = &self.work[0]
        cdef float *power = scaled + window.shape[0]
        cdef float *re = power + self.half + 1
        cdef float *im = re + self.half + 1
        cdef float *rest = im + self.half + 1
        cdef Py_ssize_t i, k
        cdef double per_bin
        with nogil:
            m = moments_of(&window[0], window.shape[0], scaled)
            for k in range(self.half + 1):
                power[k] = 0
            for k in range(envelope.shape[0]):
                envelope[k] = 0
            for i in range(self.starts.shape[0] if m.finite else 0):
                real_transform(scaled + self.starts[i], re, im, rest, self.half, &self.table[0], &self.halves[0])
                re[0] = 0
                add_power(re, im, power, self.half)
                if envelope.shape[0]:
                    take_band(self, re, im, m, rest)
                    add_envelope(self, rest, &envelope[0])
            # Bin 0 and half the rate have no mirror image.
            power[0] *= <float> 0.5
            power[self.half] *= <float> 0.5
            per_bin = m.peak * m.peak / (0.75 * self.half * self.half * self.starts.shape[0]) if m.finite else NAN
            scalars[0], scalars[1], scalars[2], scalars[3], scalars[4] = m.mean, m.rms, m.peak, m.peak_to_peak, m.crest
            scalars[5], scalars[6], scalars[7], scalars[8] = m.skewness, m.kurtosis, m.mean_abs, m.mean_root
            scalars[9] = m.crossings
            describe(self, power, per_bin, &scalars[10], &psd[0], energies)
            per_bin = 2 * (1 if self.whiten else m.peak * m.peak) / <double> self.starts.shape[0]
            per_bin = per_bin if m.finite else NAN
            for k in range(envelope.shape[0]):
                envelope[k] = <float> (envelope[k] * per_bin)


cdef inline void add_power(const float *re, const float *im, float *power, Py_ssize_t half) noexcept nogil:
    """Add |W|² of bins 0..half, W being the transform under Hann's window."""
    cdef Py_ssize_t k
    cdef float a, b
    a = <float> 0.5 * (re[0] - re[1])
    b = <float> 0.5 * (re[half] - re[half - 1])
    power[0] += a * a
    power[half] += b * b
    for k in range(1, half):
        a = <float> 0.5 * re[k] - <float> 0.25 * (re[k - 1] + re[k + 1])
        b = <float> 0.5 * im[k] - <float> 0.25 * (im[k - 1] + im[k + 1])
        power[k] += a * a + b * b


cdef inline void describe(Plan plan, const float *power, double per_bin, double *scalars, float *psd,
                          double[::1] energies) noexcept nogil:
    """Density, band energies, centroid, flatness and mean square of velocity; `per_bin` makes |W|² a mean square."""
    cdef Py_ssize_t k, b, half = plan.half
    cdef double total = 0, moment = 0, speed = 0, energy, density = per_bin / plan.bin_hz
    cdef const float *velocity = &plan.velocity[0]
    for k in range(half + 1):
        psd[k] = <float> (power[k] * density)
    for k in range(1, half + 1):
        total += power[k]
        moment += <double> power[k] * k
        speed += <double> (power[k] * velocity[k])
    for b in range(plan.bands.shape[0]):
        energy = 0
        for k in range(plan.bands[b, 0], plan.bands[b, 1]):
            energy += psd[k]
        energies[b] = energy * plan.bin_hz
    scalars[0] = moment / total * plan.bin_hz if total > 0 else NAN
    scalars[1] = flatness_of(plan, power, total / half) if total > 0 else NAN
    scalars[2] = sqrt(speed * per_bin)


cdef inline double flatness_of(Plan plan, const float *power, double mean) noexcept nogil:
    """Geometric over arithmetic mean of bins 1..half.

    Logarithms are slow, so one is taken of the product of 16 values, which 1e-19 of the mean as a floor keeps in range.
    """
    cdef Py_ssize_t r, j, rows = plan.half // 16
    cdef double *products = &plan.products[0]
    cdef double factor = 1 / mean, logs = 0
    for j in range(rows):
        products[j] = 1
    for r in range(16):
        for j in range(rows):
            products[j] *= power[1 + r * rows + j] * factor + 1e-19
    for j in range(rows):
        logs += log(products[j])
    return exp(logs / plan.half)


cdef inline void take_band(Plan plan, const float *re, const float *im, Moments m, float *band) noexcept nogil:
    """The band's bins as amplitudes (re, im), and zeros up to the size of the short transform.

    Whitened, each has amplitude 1, but for what is only rounding: that has no phase worth a weight.
    """
    cdef Py_ssize_t k, n = plan.short, first = plan.first
    cdef float factor = <float> (1.0 / plan.half), power
    cdef float least = <float> (ROUNDING * plan.half / m.crest) ** 2 if m.crest > 0 else 0
    for k in range(plan.width):
        if plan.whiten:
            power = re[first + k] * re[first + k] + im[first + k] * im[first + k]
            factor = 1 / sqrtf(power) if power > least else 0
        band[k] = re[first + k] * factor
        band[n + k] = im[first + k] * factor
    for k in range(plan.width, n):
        band[k] = band[n + k] = 0


cdef inline void add_envelope(Plan plan, float *work, float *out) noexcept nogil:
    """Add half the amplitude of every bin of |z|², z being the analytic signal of the band that `work` begins with."""
    cdef Py_ssize_t k, n = plan.short, half = n // 2
    cdef float *zr = work
    cdef float *zi = work + n
    cdef float *rest = work + 2 * n
    cdef float *y = rest
    cdef float a, b
    cdef float factor = <float> (2.0 / n)
    if transform(zi, zr, 1, rest, n, &plan.short_table[0]):
        y = rest + 2 * n
    for k in range(n):
        zr[k] = y[k] * y[k] + y[n + k] * y[n + k]
    y = rest + 4 * half
    real_transform(zr, y, y + half + 1, rest, half, &plan.short_half_table[0], &plan.short_halves[0])
    y[0] = 0
    out[0] += factor * sqrtf(y[1] * y[1]) * <float> 0.25
    a = y[half] - y[half - 1]
    out[half] += factor * sqrtf(a * a) * <float> 0.25
    for k in range(1, half):
        a = <float> 0.5 * y[k] - <float> 0.25 * (y[k - 1] + y[k + 1])
        b = <float> 0.5 * y[half + 1 + k] - <float> 0.25 * (y[half + k] + y[half + 2 + k])
        out[k] += factor * sqrtf(a * a + b * b)
