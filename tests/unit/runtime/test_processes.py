"""What a worker says as it ends counts, even when it is heard after the end."""

from __future__ import annotations

import signal

import pytest

from cellctl.clock import MonotonicClock
from cellctl.runtime import control
from cellctl.runtime.supervision.processes import LAST_WORDS_NS, Phase, Process
from cellctl.runtime.topology import Role, WorkerSpec


@pytest.fixture
def worker(tmp_path):
    """A real worker process; its folder holds no cell, so it ends by itself, with status 1 and without a word."""
    spec = WorkerSpec("inspector", Role.PLUGIN, "web-inspector", 1)
    process = Process(spec, tmp_path, tmp_path / "log", MonotonicClock())
    yield process
    process.kill()
    assert process.reap(5)
    process.close()


def _beat():
    return control.Beat({}, {}, {})


def test_last_words_that_arrive_late_are_believed(worker):
    assert worker.reap(30)
    assert not worker.judge(now_ns=0)
    assert not worker.over
    worker.hear(control.Done(_beat(), drained=True), now_ns=1)
    assert not worker.judge(now_ns=10 * LAST_WORDS_NS)
    assert worker.over
    assert worker.phase is Phase.DONE


def test_a_worker_that_ends_without_a_word_has_failed(worker):
    assert worker.reap(30)
    assert not worker.judge(now_ns=0)
    assert not worker.judge(now_ns=LAST_WORDS_NS - 1)
    assert worker.judge(now_ns=LAST_WORDS_NS)
    assert worker.over
    assert worker.reason == "seen: ended with status 1"


def test_a_worker_that_a_signal_ended_has_failed_at_once(worker):
    worker.kill()
    assert worker.reap(30)
    assert worker.judge(now_ns=0)
    assert worker.reason == f"seen: ended with status -{signal.SIGKILL.value}"


def test_a_fault_that_was_told_needs_no_waiting(worker):
    worker.hear(control.Fault("CELL-3021", "no such model"), now_ns=0)
    assert worker.reap(30)
    assert worker.judge(now_ns=0)
    assert worker.reason == "seen: no such model"
