"""The Python face of the native kernels: it checks, allocates and documents; the native code only loops."""

try:
    from cellctl._native import checksum as _checksum  # noqa: F401  # only to see whether it is compiled
except ImportError as error:
    message = f"the native kernels are not compiled ({error}); do: pip install -e . in the checkout"
    raise ImportError(message) from error
