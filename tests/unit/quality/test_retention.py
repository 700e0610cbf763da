"""What must be kept, in bytes: rate × time, with the figures that a plan of a plant rests on."""

from __future__ import annotations

import pytest

from cellctl.quality.retention import DAY_S, Camera, keep_bytes, kept_frames, line_scan, offer_every, waveform_bytes_s
from cellctl.runtime.geometry import raw_streams
from tests.unit.config.findings.builders import checked


def test_all_raw_lines_of_a_camera_are_petabytes():
    """16384 pixels at 20 kHz are 328 MB/s, 28.3 TB a day and 2.55 PB in 90 days, per side of the foil."""
    camera = line_scan(16_384, 20_000.0)
    assert camera.bytes_per_s == pytest.approx(328e6, rel=2e-3)
    assert camera.bytes_per_s * DAY_S == pytest.approx(28.3e12, rel=2e-3)
    assert camera.bytes_per_s * 90 * DAY_S == pytest.approx(2.55e15, rel=2e-3)


def test_raw_vibration_is_a_terabyte():
    """Four channels of 4 bytes at 10 kHz are 13.8 GB a day, 1.24 TB in 90 days."""
    assert waveform_bytes_s(10_000.0, channels=4) * DAY_S == pytest.approx(13.8e9, rel=2e-3)
    assert waveform_bytes_s(10_000.0, channels=4) * 90 * DAY_S == pytest.approx(1.24e12, rel=4e-3)


def test_images_of_objects_are_what_the_contract_reckons_with(tmp_path):
    """0.05 objects a metre at 1 m/s for 90 days are 388,800 images of 2.741 kB, and the ledger 3.42 GB."""
    cell = checked(tmp_path).cell
    needed, basis = keep_bytes(cell, {})
    assert needed == pytest.approx(388_800 * 2741 + 440 * 90 * DAY_S)
    assert str(basis) == "0.05 objects per m at 1 m/s, as contracted"


def test_without_a_contracted_rate_the_inspectors_limit_counts(tmp_path):
    """Two inspectors that may each send 5 images a second are reckoned with 10."""
    cell = checked(tmp_path, (", objects: 0.05 /m", "")).cell
    assert str(keep_bytes(cell, {})[1]) == "10 images per s, as many as the inspectors may send"


@pytest.mark.parametrize("room", [1e9, 50e9, 3e12])
def test_the_offered_frames_fit(room):
    """Every n-th frame fits into the room, and n is no more than a tenth larger than it need be."""
    camera, keep_s = Camera(1_048_576.0, 39.0), 90 * DAY_S
    every = offer_every(camera, keep_s, room)
    assert camera.bytes_per_s * keep_s / every <= room
    assert camera.bytes_per_s * keep_s / (0.9 * every - 1) > room


def test_no_room_and_no_camera_offer_nothing():
    """Nothing is offered that would not fit, or of which nothing is known."""
    assert offer_every(Camera(1e6, 39.0), DAY_S, -1.0) == 0
    assert offer_every(Camera(0.0, 39.0), DAY_S, 1e12) == 0


def test_whole_frames_that_an_inspector_keeps_count(tmp_path):
    """`keep_every: 1000` of a camera of 512 × 2048 pixels at 39 Hz adds 40.9 kB/s."""
    cell = checked(tmp_path, ("from: wet_camera}", "from: wet_camera, keep_every: 1000}")).cell
    cameras = raw_streams(cell)
    assert kept_frames(cell, cameras) == {"wet_camera": (1000, pytest.approx(40_894.5, rel=1e-4))}
    without = keep_bytes(checked(tmp_path).cell, cameras)[0]
    assert keep_bytes(cell, cameras)[0] - without == pytest.approx(40_894.5 * 90 * DAY_S, rel=1e-4)
