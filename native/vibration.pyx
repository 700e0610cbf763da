"""Everything that is wanted of one window of vibration; the face is cellctl/kernels/vibration.py.

Strategy. The mean is taken off and the rest scaled to its peak once; every segment is then transformed once, without a
window. Hann's window is laid on in the spectrum, where it is three neighbours: so the same transform also gives the
bins of the envelope's band, whose analytic signal is one short inverse transform.
"""

from libc.math cimport NAN, exp2, log2, sqrt, sqrtf
from libc.stdint cimport int64_t

from density_sums cimport add_moments, mean_log2, sum_of, weighted_sum
from fourier cimport APART, Source, Target, real_transform, transform
from moments cimport Moments, moments_of

cdef double ROUNDING = 1e-7
"""Share of the root of the sum of |X|² under which a bin is rounding of float32."""


cdef class Plan:
    """Tables, bands and work space for windows of one kind; belongs to one thread at a time."""

    cdef const float[::1] table, halves, velocity, short_table, short_half_table, short_halves
    cdef const int64_t[::1] starts
    cdef const int64_t[:, ::1] bands
    cdef Py_ssize_t samples, half, slow, first, width, short
    cdef bint whiten
    cdef double bin_hz
    cdef float[::1] work

    def __init__(self, Py_ssize_t samples, const float[::1] table, const float[::1] halves, const int64_t[::1] starts,
                 double bin_hz, const int64_t[:, ::1] bands, Py_ssize_t slow, const float[::1] velocity,
                 Py_ssize_t first, Py_ssize_t width, bint whiten, const float[::1] short_table,
                 const float[::1] short_half_table, const float[::1] short_halves, float[::1] work):
        self.table, self.halves, self.starts, self.bin_hz = table, halves, starts, bin_hz
        self.bands, self.velocity, self.first, self.width, self.whiten = bands, velocity, first, width, whiten
        self.short_table, self.short_half_table, self.short_halves = short_table, short_half_table, short_halves
        self.samples, self.slow, self.work = samples, slow, work
        self.half, self.short = halves.shape[0], 2 * short_halves.shape[0]

    def analyse(self, const float[::1] window, double[::1] scalars, float[::1] psd, double[::1] energies,
                float[::1] envelope):
        """Fill the four outputs; `envelope` is empty where none is wanted."""
        cdef Moments m
        with nogil:
            m = moments_of(&window[0], window.shape[0], &self.work[self.work.shape[0] - self.samples])
            spectra(self, &m, &psd[0], &envelope[0] if envelope.shape[0] else NULL)
            scalars[0], scalars[1], scalars[2], scalars[3], scalars[4] = m.mean, m.rms, m.peak, m.peak_to_peak, m.crest
            scalars[5], scalars[6], scalars[7], scalars[8] = m.skewness, m.kurtosis, m.mean_abs, m.mean_root
            scalars[9] = m.crossings
            describe(self, &psd[0], &scalars[10], energies)


cdef inline void spectra(Plan plan, const Moments *m, float *psd, float *envelope) noexcept nogil:
    """Mean over the segments of density and envelope."""
    cdef Py_ssize_t k, i, half = plan.half, segments = plan.starts.shape[0]
    cdef float *scaled = &plan.work[plan.work.shape[0] - plan.samples]
    cdef float *re = &plan.work[0]
    cdef float *im = re + half + APART
    cdef float *rest = im + half + APART
    cdef double share = 1.0 / segments if m.finite else NAN
    # Half the root of the density that |W|² = 1 stands for: so the spectrum comes out as density at once.
    cdef double root = 0.5 * m.unit / half * sqrt(share / (0.75 * plan.bin_hz))
    for k in range(half + 1):
        psd[k] = 0 if m.finite else <float> NAN
    for k in range(plan.short // 2 + 1 if plan.width else 0):
        envelope[k] = 0 if m.finite else <float> NAN
    for i in range(segments if m.finite else 0):
        real_transform(scaled + plan.starts[i], re, im, rest, half, &plan.table[0], &plan.halves[0])
        re[0] = 0
        add_density(re, im, <float> root, psd, half)
        if plan.width:
            take_band(plan, re, im, m, rest)
            add_envelope(plan, rest, <float> (2 * share * (1 if plan.whiten else m.unit * m.unit)), envelope)
    # Bin 0 and half the rate have no mirror image.
    psd[0] *= <float> 0.5
    psd[half] *= <float> 0.5


cdef inline void add_density(Source re, Source im, float root, Target psd, Py_ssize_t half) noexcept nogil:
    """Add (2 root)² |W|² of bins 0..half, W being the transform under Hann's window."""
    cdef Py_ssize_t k
    cdef float a, b, side = <float> 0.5 * root
    a = root * (re[0] - re[1])
    b = root * (re[half] - re[half - 1])
    psd[0] += a * a
    psd[half] += b * b
    for k in range(1, half):
        a = root * re[k] - side * (re[k - 1] + re[k + 1])
        b = root * im[k] - side * (im[k - 1] + im[k + 1])
        psd[k] += a * a + b * b


cdef inline void describe(Plan plan, const float *psd, double *scalars, double[::1] energies) noexcept nogil:
    """Band energies, centroid, flatness and RMS of velocity."""
    cdef Py_ssize_t b, half = plan.half
    cdef double total = 0, moment = 0, speed
    add_moments(psd + 1, half, &total, &moment)
    for b in range(plan.bands.shape[0]):
        energies[b] = sum_of(psd + plan.bands[b, 0], plan.bands[b, 1] - plan.bands[b, 0]) * plan.bin_hz
    speed = weighted_sum(psd + plan.slow, &plan.velocity[0], plan.velocity.shape[0])
    scalars[0] = (1 + moment / total) * plan.bin_hz if total > 0 else NAN
    scalars[1] = exp2(mean_log2(psd + 1, half, total / half) - log2(total / half)) if total > 0 else NAN
    scalars[2] = sqrt(speed * plan.bin_hz)


cdef inline void take_band(Plan plan, const float *re, const float *im, const Moments *m, float *band) noexcept nogil:
    """The band's bins as amplitudes (re, im), and zeros up to the size of the short transform.

    Whitened, each has amplitude 1, but for what is only rounding: that has no phase worth a weight.
    """
    cdef Py_ssize_t k, n = plan.short, gap = n + APART
    cdef double least = ROUNDING * plan.half / m.crest if m.crest > 0 else 0
    if plan.whiten:
        whiten(re + plan.first, im + plan.first, band, band + gap, plan.width, <float> (least * least))
    else:
        scale(re + plan.first, im + plan.first, band, band + gap, plan.width, <float> (1.0 / plan.half))
    for k in range(plan.width, n):
        band[k] = band[gap + k] = 0


cdef inline void scale(Source re, Source im, Target to_re, Target to_im, Py_ssize_t n, float factor) noexcept nogil:
    """Values by a factor."""
    cdef Py_ssize_t k
    for k in range(n):
        to_re[k] = re[k] * factor
        to_im[k] = im[k] * factor


cdef inline void whiten(Source re, Source im, Target to_re, Target to_im, Py_ssize_t n, float least) noexcept nogil:
    """Values by their magnitude, 0 where its square is not above `least`."""
    cdef Py_ssize_t k
    cdef float power, factor
    for k in range(n):
        power = re[k] * re[k] + im[k] * im[k]
        factor = 1 / sqrtf(power if power > 0 else 1)
        factor = factor if power > least else 0
        to_re[k] = re[k] * factor
        to_im[k] = im[k] * factor


cdef inline void add_envelope(Plan plan, float *work, float factor, float *out) noexcept nogil:
    """Add `factor` times half the amplitudes of |z|², z being the analytic signal of the band at the head of `work`."""
    cdef Py_ssize_t n = plan.short, half = n // 2, gap = n + APART
    cdef float *rest = work + 2 * gap
    cdef float *z = rest
    cdef float *re = rest + 4 * (half + APART)
    if transform(work + gap, work, 1, rest, n, &plan.short_table[0]):
        z = rest + 2 * gap
    square(z, z + gap, work, n)
    real_transform(work, re, re + half + APART, rest, half, &plan.short_half_table[0], &plan.short_halves[0])
    re[0] = 0
    add_amplitudes(re, re + half + APART, factor / n, out, half)


cdef inline void square(Source re, Source im, Target out, Py_ssize_t n) noexcept nogil:
    """|z|²."""
    cdef Py_ssize_t k
    for k in range(n):
        out[k] = re[k] * re[k] + im[k] * im[k]


cdef inline void add_amplitudes(Source re, Source im, float factor, Target out, Py_ssize_t half) noexcept nogil:
    """Add 2 `factor` |W| of bins 0..half, and half of that at both ends, W being the transform under Hann's window."""
    cdef Py_ssize_t k
    cdef float a, b
    out[0] += factor * abs(re[0] - re[1]) * <float> 0.5
    out[half] += factor * abs(re[half] - re[half - 1]) * <float> 0.5
    for k in range(1, half):
        a = re[k] - <float> 0.5 * (re[k - 1] + re[k + 1])
        b = im[k] - <float> 0.5 * (im[k - 1] + im[k + 1])
        out[k] += factor * sqrtf(a * a + b * b)
