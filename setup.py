"""Compiles the Cython kernels of native/ into cellctl._native; everything else is in pyproject.toml."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("CELLCTL_NATIVE_DEBUG") == "1"
CHECKS = {"boundscheck": DEBUG, "wraparound": DEBUG, "initializedcheck": DEBUG, "cdivision": not DEBUG}

extensions = [
    Extension(f"cellctl._native.{source.stem}", [str(source)], extra_compile_args=["-O3"])
    for source in sorted(Path("native").glob("*.pyx"))
]

setup(
    ext_modules=cythonize(
        extensions,
        include_path=["native"],
        build_dir="build/cython-debug" if DEBUG else "build/cython",
        compiler_directives={"language_level": "3", **CHECKS},
        force=DEBUG,
    ),
)
