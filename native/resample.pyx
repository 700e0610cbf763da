"""Resampling of a signal at any places; the face is cellctl/kernels/orders.py.

Strategy. A sample between samples is the sum of its neighbours, weighted by a windowed sinc that is read from a table
with linear interpolation. Where the places lie further apart than the samples, the sinc is stretched in proportion, so
that it is the anti-aliasing filter too. Dividing by the sum of the weights keeps a constant exactly, also where the
signal ends within the reach of the sinc.
"""

from libc.math cimport ceil, fabsf, floor


cdef inline float sample_at(const float[::1] samples, double place, double stretch, const float[::1] table,
                            int per_zero) noexcept nogil:
    """The signal at one place, in samples from the first; `stretch` is at most 1, table[per_zero] the first zero."""
    cdef Py_ssize_t last_entry = table.shape[0] - 2
    cdef double reach = last_entry / (stretch * per_zero)
    cdef Py_ssize_t first = max(<Py_ssize_t> ceil(place - reach), 0)
    cdef Py_ssize_t last = min(<Py_ssize_t> floor(place + reach), samples.shape[0] - 1)
    # 32-bit counters and floats from the first neighbour on: what AVX2 has vector code for.
    cdef int k, entry, taps = <int> (last - first + 1), bound = <int> last_entry
    cdef float scale = <float> (stretch * per_zero), offset = <float> (place - first)
    cdef float at, part, weight, total = 0, weights = 0
    cdef const float *signal = &samples[first]
    cdef const float *entries = &table[0]
    for k in range(taps):
        at = fabsf(<float> k - offset) * scale
        entry = min(<int> at, bound)
        part = at - <float> entry
        weight = entries[entry] + part * (entries[entry + 1] - entries[entry])
        total += weight * signal[k]
        weights += weight
    return total / weights


def resample(const float[::1] samples, const double[::1] places, const double[::1] stretches, const float[::1] table,
             int per_zero, float[::1] out):
    """Fill `out[i]` with the signal at `places[i]`; see the face."""
    cdef Py_ssize_t i
    with nogil:
        for i in range(out.shape[0]):
            out[i] = sample_at(samples, places[i], stretches[i], table, per_zero)
