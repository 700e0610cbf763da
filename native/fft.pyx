"""Real Fourier transform; see cellctl/kernels/fft.py."""

from fourier cimport APART, real_transform


def forward(const float[::1] samples, float[::1] spectrum, float[::1] work, const float[::1] table,
            const float[::1] halves):
    """Bins 0..half, complex numbers side by side, of `2 * half` samples; `work` holds 6 * (half + APART) values."""
    cdef Py_ssize_t half = samples.shape[0] // 2, k
    cdef float* re = &work[4 * (half + APART)]
    cdef float* im = re + half + APART
    with nogil:
        real_transform(&samples[0], re, im, &work[0], half, &table[0], &halves[0])
        for k in range(half + 1):
            spectrum[2 * k] = re[k]
            spectrum[2 * k + 1] = im[k]
