"""Compiles the Cython kernels of native/ into cellctl._native; everything else is in pyproject.toml.

On x86-64 every kernel is compiled twice from the same C file: once for any such processor, and once, into the folder
avx2, for those with AVX2 and FMA. `cellctl._native` chooses when it is imported.

Two variables make builds for tests, once and hardly optimised: CELLCTL_NATIVE_DEBUG=1 checks every index,
CELLCTL_NATIVE_SANITIZE=1 compiles with AddressSanitizer and UndefinedBehaviorSanitizer.
"""

import os
import platform
import shutil
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("CELLCTL_NATIVE_DEBUG") == "1"
SANITIZE = os.environ.get("CELLCTL_NATIVE_SANITIZE") == "1"
CHECKS = {"boundscheck": DEBUG, "wraparound": DEBUG, "initializedcheck": DEBUG, "cdivision": not DEBUG}

# Sums may be taken in another order, so that loops over floats become vector code; NaN and infinity keep their meaning.
# Without peeling the order does not depend on where an array lies in memory: the same input gives the same bits.
FLAGS = [
    "-O1" if DEBUG or SANITIZE else "-O3", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros",
    "-fassociative-math", "--param=vect-max-peeling-for-alignment=0",
]  # fmt: skip
AVX2 = ["-mavx2", "-mfma"]
SANITIZER = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-g"]


def extension(folder: str, name: str, source: str, more: list[str]) -> Extension:
    """One kernel, compiled into a folder of cellctl/_native (or into itself)."""
    extra = SANITIZER if SANITIZE else []
    place = ".".join(part for part in ("cellctl._native", folder, name) if part)
    return Extension(place, [source], extra_compile_args=FLAGS + more + extra, extra_link_args=extra)


BUILD = "build/cython-debug" if DEBUG else "build/cython"
SHARED = "shared"
"""What Cython needs for views of arrays, once instead of in every kernel: most of the time that compiling takes."""

sources = {source.stem: str(source) for source in sorted(Path("native").glob("*.pyx"))}
kernels = cythonize(
    [extension("", SHARED, f"{SHARED}.c", []), *(extension("", *source, []) for source in sources.items())],
    shared_utility_qualified_name=f"cellctl._native.{SHARED}",
    include_path=["native"],
    nthreads=os.cpu_count() or 1,
    build_dir=BUILD,
    compiler_directives={"language_level": "3", "show_performance_hints": False, **CHECKS},
    force=DEBUG,
)
if platform.machine() in ("x86_64", "AMD64") and not (DEBUG or SANITIZE):
    Path("cellctl/_native/avx2").mkdir(exist_ok=True)
    for kernel in list(kernels):
        name, source = kernel.name.rpartition(".")[2], Path(kernel.sources[0])
        if name not in (SHARED, "processor"):
            copy = source.with_name(f"{name}-avx2.c")  # two compilers at once must not write the same object file
            if not copy.exists() or copy.stat().st_mtime < source.stat().st_mtime:
                shutil.copy(source, copy)
            kernels.append(extension("avx2", name, str(copy), AVX2))

setup(ext_modules=kernels, options={"build_ext": {"parallel": os.cpu_count() or 1}})
