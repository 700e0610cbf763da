"""What this processor can do; compiled for any processor, so that it can be asked everywhere."""

cdef extern from *:
    """
    static int cell_has_avx2(void) {
    #if defined(__x86_64__) && defined(__GNUC__)
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    #else
        return 0;
    #endif
    }
    """
    bint cell_has_avx2() noexcept nogil

has_avx2 = bool(cell_has_avx2())
