"""The builds of the kernels: the portable one gives what the default one does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

WORK = """
import sys
import numpy as np
from cellctl import kernels as k
rng = np.random.default_rng(0)
pixels = rng.integers(60, 190, (97, 301), np.uint8)
gain = rng.uniform(0.5, 2.0, pixels.shape).astype(np.float32)
web = np.where(np.arange(301) < 150.3, 40, 200).astype(np.uint8) + pixels // 8
bounds = k.Bounds(np.full(301, 70, np.uint8), np.full(301, 180, np.uint8), np.full(301, 0.008, np.float32))
found = k.RegionFinder(301).find(pixels, bounds)
boxes = np.array([[3.5, 4.25, 60.0, 222.0], [-5.0, 280.0, 20.0, 310.0]], np.float32)
times = np.arange(8192) / 8192
window = (np.sin(2 * np.pi * 1000 * times * (1 + times)) + 0.3 * rng.standard_normal(8192)).astype(np.float32)
analyser = k.WindowAnalyser(8192, 8192.0, bands_hz=k.third_octaves(20, 3000), envelope_hz=(1000.0, 2000.0))
analysis = analyser.analyse(window)
whole = {
    "crc32c": np.array(k.crc32c(pixels)),
    "sobel_magnitude": k.sobel_magnitude(pixels),
    "local_threshold": k.local_threshold(pixels, 31, 4),
    "regions": np.column_stack([found.regions[n] for n in k.REGION.names if k.REGION[n].kind != "f"]),
    "sums": found.sums,
}
real = {
    "contrasts": np.column_stack([found.regions[n] for n in k.REGION.names if k.REGION[n].kind == "f"]),
    "edge_profile": k.edge_profile(web, 150, 12, 30, rising=True),
    "tensor": k.TensorMaker(gain, (32, 77), mean=120.0, std=50.0).make(pixels),
    "crops": k.crop_regions(pixels, gain, boxes, (16, 24), mean=120.0, std=50.0),
    "patches": k.cut_patches(pixels, gain[0], np.array([[40.0, 100.0]]), k.Patch(8, 8, 4, 2)),
    "fft": k.RealFft(8192).forward(window),
    "spectral kurtosis": k.spectral_kurtosis(window, 128),
    "orders": k.order_track(window, 8192.0, np.linspace(0.01, 0.99, 50), 1, 128),
    **{name: np.asarray(value) for name, value in analysis._asdict().items() if value is not None},
}
named = {f"whole {name}": value for name, value in whole.items()}
named |= {f"real {name}": value for name, value in real.items()}
np.savez(sys.argv[1], variant=k.native_variant, **named)
"""
FOREIGN = "import sys, cellctl.kernels; print([n for n in ('cv2', 'scipy', 'numba', 'pyfftw') if n in sys.modules])"


def run(code: str, choice: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own that is asked for a build."""
    environment = {**os.environ, "CELLCTL_NATIVE": choice}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What every kernel gives, by build."""
    folder, found = Path(tmp_path_factory.mktemp("variants")), {}
    for choice in ("", "portable"):
        done = run(WORK, choice, str(folder / f"{choice}.npz"))
        assert done.returncode == 0, done.stderr
        with np.load(folder / f"{choice}.npz") as arrays:
            found[choice] = dict(arrays)
    return found


def test_portable_runs_where_it_is_asked_for(results: dict[str, dict[str, Any]]) -> None:
    """A process that asks for the portable build has it."""
    assert str(results["portable"]["variant"]) == "portable"


def test_whole_numbers_are_the_same(results: dict[str, dict[str, Any]]) -> None:
    """Kernels with whole numbers as results give the same in both builds."""
    names = [name for name in results[""] if name.startswith("whole ")]
    assert len(names) == 5
    for name in names:
        np.testing.assert_array_equal(results[""][name], results["portable"][name], name)


def test_real_numbers_differ_by_rounding(results: dict[str, dict[str, Any]]) -> None:
    """Kernels of float32 differ by no more than 2e-5 of the largest value of a result."""
    names = [name for name in results[""] if name.startswith("real ")]
    assert len(names) > 8
    for name in names:
        default, portable = results[""][name], results["portable"][name]
        assert default.size, name
        np.testing.assert_allclose(
            portable, default, rtol=0, atol=2e-5 * float(np.nanmax(np.abs(default))), err_msg=name
        )


def test_unknown_build() -> None:
    """A build that there is not is refused by the name of the variable and what it may be."""
    done = run("import cellctl.kernels", "sse9")
    assert done.returncode != 0
    assert "CELLCTL_NATIVE: expected 'portable' or nothing, got 'sse9'" in done.stderr


def test_nothing_foreign() -> None:
    """The kernels import none of the libraries that tests and benchmarks compare them with."""
    assert run(FOREIGN, "").stdout == "[]\n"
