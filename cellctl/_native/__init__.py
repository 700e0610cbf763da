"""Compiled kernels; only `cellctl.kernels` imports them.

On x86-64 each is there twice: here for every such processor, in the folder avx2 for those with AVX2 and FMA. Where the
processor has these, that folder comes first on this package's path. The environment variable CELLCTL_NATIVE=portable
keeps to what runs everywhere.
"""

import os
from pathlib import Path

from cellctl._native.processor import has_avx2

_CHOICES = ("", "portable")

variant = "avx2" if has_avx2 else "portable"
"""Which build of the kernels this process uses."""
_asked = os.environ.get("CELLCTL_NATIVE", "")
if _asked not in _CHOICES:
    message = f"CELLCTL_NATIVE: expected 'portable' or nothing, got {_asked!r}; do: unset it"
    raise ImportError(message)
if _asked:
    variant = _asked
if variant == "avx2":
    __path__.insert(0, str(Path(__file__).parent / "avx2"))
