has_avx2: bool
