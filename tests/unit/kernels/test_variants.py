"""The builds of the kernels: the portable one gives what the default one does."""

from __future__ import annotations

import os
import subprocess
import sys

WORK = """
import numpy as np
from cellctl import _native
from cellctl.kernels import crc32c, sobel_magnitude
pixels = np.random.default_rng(0).integers(0, 256, (37, 101), np.uint8)
print(crc32c(pixels), crc32c(sobel_magnitude(pixels)))
print(_native.variant)
"""
FOREIGN = "import sys, cellctl.kernels; print([n for n in ('cv2', 'scipy', 'numba', 'pyfftw') if n in sys.modules])"


def run(code: str, choice: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own that is asked for a build."""
    environment = {**os.environ, "CELLCTL_NATIVE": choice}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


def test_whole_numbers_are_the_same() -> None:
    """Kernels with whole numbers as results give the same in the portable build as in the default one."""
    default, portable = run(WORK, "").stdout.split("\n"), run(WORK, "portable").stdout.split("\n")
    assert portable[1] == "portable"
    assert default[0] == portable[0] != ""


def test_unknown_build() -> None:
    """A build that there is not is refused by the name of the variable and what it may be."""
    done = run("import cellctl.kernels", "sse9")
    assert done.returncode != 0
    assert "CELLCTL_NATIVE: expected 'portable' or nothing, got 'sse9'" in done.stderr


def test_nothing_foreign() -> None:
    """The kernels import none of the libraries that tests and benchmarks compare them with."""
    assert run(FOREIGN, "").stdout == "[]\n"
