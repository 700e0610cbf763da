"""The contract of a device is watched while it runs: rate, gaps and clock; what keeps it raises nothing."""

from __future__ import annotations

import pytest

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.quality.contract import ContractWatch, Seen, Terms

WEB = Terms(rate_hz=39.0, gap_s=0.1, clock_s=0.005, speed_m_s=1.0)
PERIOD_NS = 25_600_000
FRAME_MM = 25.6


def run(watch, seconds, *, from_ns=0, from_mm=0.0, period_ns=PERIOD_NS, frame_mm=FRAME_MM, delay_ns=NS_PER_MS, skip=()):
    """Changes that a stream of frames leads to; each frame begins where the one before ended."""
    changes = []
    for number in range(round(seconds * NS_PER_S / period_ns)):
        if number in skip:
            continue
        last_ns = from_ns + (number + 1) * period_ns
        jitter_ns = (number * 7919) % 3 * NS_PER_MS  # some frames are handed over late
        encoder_mm = from_mm + (number + 1) * frame_mm
        changes += watch.see(Seen(last_ns - period_ns, last_ns, last_ns + delay_ns + jitter_ns, 1, encoder_mm))
    return changes


def test_a_camera_that_keeps_its_contract_raises_nothing():
    """The negative control: a minute of frames at 39.06 Hz, some of them handed over 2 ms late."""
    assert run(ContractWatch(WEB), 60.0) == []


def test_a_camera_that_is_too_slow_is_out_of_contract():
    """20 frames a second at full web speed are half of what is contracted."""
    changes = run(ContractWatch(WEB), 20.0, period_ns=50 * NS_PER_MS, frame_mm=50.0)
    assert [(it.term, it.active) for it in changes] == [("rate", True)]
    assert changes[0].text == "20 frames/s, 39 contracted"


def test_fewer_frames_of_a_slower_web_are_right():
    """At half the speed the encoder triggers half the frames: 19.5 a second keep the contract."""
    assert run(ContractWatch(WEB), 60.0, period_ns=2 * PERIOD_NS) == []


def test_without_a_web_half_the_frames_are_too_few():
    """The same stream of a camera that no encoder triggers breaks the contract."""
    changes = run(ContractWatch(WEB._replace(speed_m_s=0.0)), 20.0, period_ns=2 * PERIOD_NS)
    assert [(it.term, it.active) for it in changes] == [("rate", True)]


def test_the_rate_returns_to_normal():
    """Ten slow seconds, then ten good ones: the alarm is raised once and returned once."""
    watch = ContractWatch(WEB)
    changes = run(watch, 10.0, period_ns=50 * NS_PER_MS, frame_mm=50.0)
    changes += run(watch, 10.0, from_ns=10 * NS_PER_S, from_mm=10_000.0)
    assert [(it.term, it.active) for it in changes] == [("rate", True), ("rate", False)]


def test_a_gap_is_reported_and_ends_after_ten_calm_seconds():
    """Six frames of 25.6 ms missing are 154 ms of web that nobody saw; the rate falls below 98 % too."""
    changes = run(ContractWatch(WEB), 30.0, skip=range(400, 406))
    gaps = [it for it in changes if it.term == "gap"]
    assert [it.active for it in gaps] == [True, False]
    assert gaps[0].text == "nothing for 154 ms, 100 ms contracted"


def test_a_web_that_stands_leaves_no_gap():
    """Two seconds without a frame in which the web did not move are no gap: nothing passed unseen."""
    watch = ContractWatch(WEB)
    changes = run(watch, 10.0)
    changes += run(watch, 10.0, from_ns=12 * NS_PER_S, from_mm=10_000.0)
    assert [it for it in changes if it.term == "gap"] == []


def test_a_gap_between_windows_is_the_time_nobody_measured():
    """Windows of one second follow each other without a gap; one missing window is a gap of a second."""
    watch = ContractWatch(Terms(rate_hz=12_000.0, gap_s=0.1, clock_s=0.005, unit="samples"))
    windows = [0, 1, 2, 3, 5, 6]
    changes = []
    for number in windows:
        last_ns = (number + 1) * NS_PER_S
        changes += watch.see(Seen(number * NS_PER_S, last_ns, last_ns + NS_PER_MS, 12_000))
    assert [(it.term, it.active) for it in changes] == [("gap", True), ("rate", True)]
    assert changes[0].text == "nothing for 1000 ms, 100 ms contracted"


@pytest.mark.parametrize(("step_ms", "broken"), [(20, True), (-20, True), (3, False)])
def test_a_step_of_the_clock_is_found(step_ms, broken):
    """The device's stamps jump by 20 ms in either direction against their reception; 3 ms are within the contract."""
    watch = ContractWatch(WEB)
    changes = run(watch, 15.0)
    changes += run(watch, 6.0, from_ns=15 * NS_PER_S, from_mm=15_000.0, delay_ns=NS_PER_MS + step_ms * NS_PER_MS)
    assert [(it.term, it.active) for it in changes[:1]] == ([("clock", True)] if broken else [])


def test_a_clock_that_runs_back_is_found_at_once():
    """The next frame's stamp lies before that of the last."""
    watch = ContractWatch(WEB)
    run(watch, 1.0)
    changes = run(watch, 1.0, from_ns=NS_PER_S // 2, from_mm=1000.0)
    assert [(it.term, it.active) for it in changes] == [("clock", True)]
    assert changes[0].text.startswith("its clock ran back by ")


def test_a_step_that_stays_is_said_once_and_ends():
    """After the step the clocks run together again: the alarm returns to normal with the next five seconds."""
    watch = ContractWatch(WEB)
    run(watch, 15.0)
    changes = run(watch, 20.0, from_ns=15 * NS_PER_S, from_mm=15_000.0, delay_ns=21 * NS_PER_MS)
    assert [(it.term, it.active) for it in changes] == [("clock", True), ("clock", False)]
