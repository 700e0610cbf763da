"""The Python face of the native kernels: it checks, allocates and documents; the native code only loops."""
