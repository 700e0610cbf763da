"""A whole cell in virtual time: repeatable to the last bit, verdicts, evidence that holds, and arms that differ."""

import os
import time
from pathlib import Path

import msgspec
import pytest

from cellctl.cli.run import run
from cellctl.errors import ConfigError
from cellctl.evidence import verify_run
from cellctl.model import Correction, Inspection, Nonconformity, TransactionState, WriteResult
from cellctl.runtime.loading import load_cell
from cellctl.runtime.lockstep import LockstepCell
from cellsim.world import CoaterWorld, CoaterWorldSettings

CONFIG = Path(__file__).resolve().parents[2] / "configs" / "coater.yaml"


class Heard:
    """What a cell said."""

    def __init__(self):
        self.messages = []

    def of(self, kind):
        """Messages of one type."""
        return [message for message in self.messages if isinstance(message, kind)]


def lockstep(run_dir, seconds, *, seed=None, arm=True, world=None, durations_s=None, in_memory=False, **settings):
    """Run the cell that ships; returns what it said and the ledger's head."""
    cell = load_cell(CONFIG, lockstep=True, seed=seed, world={"scenario": "demo", **settings})
    heard = Heard()
    live = LockstepCell(
        cell, run_dir, world=world(cell) if world else None, listen=heard.messages.append,
        durations_s=durations_s, in_memory=in_memory,
    )  # fmt: skip
    live.start()
    live.run(2.0)
    if arm:
        assert not live.arm()
    live.run(seconds - 2.0)
    live.stop()
    return heard, live.head


class LeakyWorld(CoaterWorld):
    """A world that lets the machine's time in."""

    def read(self, device, now_ns):
        """A reading that depends on when this machine asked."""
        return {**super().read(device, now_ns), "blade_load_sp_left": 19.0 + (time.perf_counter_ns() % 997) / 1000.0}


class RandomWorld(CoaterWorld):
    """A world with randomness that nobody seeded."""

    def look(self, now_ns):
        """Confidences that no seed decides."""
        found = super().look(now_ns)
        return [seen._replace(found=shaken(seen.found)) for seen in found]


def shaken(inspection):
    """The same inspection with other confidences."""
    share = 0.9 + os.urandom(1)[0] / 2560.0
    objects = tuple(msgspec.structs.replace(item, confidence=share) for item in inspection.objects)
    return msgspec.structs.replace(inspection, objects=objects)


def test_the_same_seed_gives_the_same_head_and_another_seed_another(tmp_path):
    """Two runs of one configuration end with the same hash over everything on record."""
    heads = [lockstep(tmp_path / str(number), 60.0, seed=seed)[1] for number, seed in enumerate((7, 7, 8))]
    assert heads[0] == heads[1]
    assert heads[0] != heads[2]


@pytest.mark.parametrize("leak", [LeakyWorld, RandomWorld])
def test_a_world_that_leaks_does_not_repeat(tmp_path, leak):
    """Negative control: with machine time or unseeded chance in the world, the heads differ."""
    settings = CoaterWorldSettings(scenario="demo")
    heads = [lockstep(tmp_path / name, 45.0, world=lambda cell: leak(settings, cell))[1] for name in "ab"]
    assert heads[0] != heads[1]


def test_the_loop_closes_in_virtual_time_and_its_evidence_holds(tmp_path):
    """On the demo's line: one EFFECTIVE correction, every write confirmed, one report filed, and verify agrees."""
    heard, head = lockstep(tmp_path / "run", 120.0)
    last = {message.transaction: message for message in heard.of(Correction)}
    assert [correction.state for correction in last.values()] == [TransactionState.EFFECTIVE]
    assert {result.outcome for result in heard.of(WriteResult)} == {"CONFIRMED"}
    assert len(heard.of(Nonconformity)) == 1
    report = verify_run(tmp_path / "run")
    assert [check for check in report.checks if not check.ok] == []
    assert report.head == head


def test_a_changed_byte_of_the_journal_is_found(tmp_path):
    """Negative control of the check above."""
    lockstep(tmp_path / "run", 45.0)
    journal = tmp_path / "run" / "journal-plc.jsonl"
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)
    assert not verify_run(tmp_path / "run").ok


def test_not_armed_nothing_is_moved():
    """The open arm sees what the closed one sees, up to the first move, and writes nothing."""
    closed, _ = lockstep(None, 60.0, in_memory=True)
    unarmed, _ = lockstep(None, 60.0, in_memory=True, arm=False)
    assert unarmed.of(WriteResult) == []
    moved_ns = closed.of(WriteResult)[0].stamp.t_ns
    before = [[i.objects for i in arm.of(Inspection) if i.stamp.t_ns < moved_ns] for arm in (closed, unarmed)]
    assert before[0] == before[1]


def test_a_sham_actuator_helps_nobody():
    """Everything is confirmed, the fault persists: far more spurs than with the actuator connected."""
    counts = []
    for sham in (False, True):
        heard, _ = lockstep(None, 120.0, in_memory=True, sham=sham)
        assert {result.outcome for result in heard.of(WriteResult)} == {"CONFIRMED"}
        counts.append(sum(found.defect == "coat_edge_spur" for i in heard.of(Inspection) for found in i.objects))
    assert counts[1] > 2 * counts[0]


def test_a_slow_inspector_delays_the_first_increment_by_its_duration():
    """4 ms more of inspection are 4 ms more from exposure to decision."""
    decided = []
    for durations in ({}, {"inspect": 0.004}):
        heard, _ = lockstep(None, 45.0, in_memory=True, durations_s=durations)
        first = heard.of(WriteResult)[0]
        decided.append(first.stamp.t_ns - first.exposure_ns)
    assert decided[1] - decided[0] == 4_000_000


@pytest.mark.slow
def test_rendered_blocks_go_through_the_real_inspector(tmp_path):
    """The loop closes on pixels too, and twice in the same way; every frame is judged but the reference's."""
    heads = []
    for name in "ab":
        heard, head = lockstep(tmp_path / name, 45.0, eyes="rendered")
        heads.append(head)
        inspections = heard.of(Inspection)
        assert sum(i.judgement == "INDETERMINATE" for i in inspections) <= 4
        assert any(result.outcome == "CONFIRMED" for result in heard.of(WriteResult))
        assert verify_run(tmp_path / name).ok
    assert heads[0] == heads[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lockstep": True, "simulated": True}, "--for"),
        ({"lockstep": True, "simulated": True, "duration": "1 kg"}, "expected a time"),
        ({"lockstep": True, "simulated": True, "duration": "1 h", "scenario": "nowhere"}, "no scenario"),
        ({"simulated": True, "seed": 3}, "--lockstep"),
    ],
)
def test_bad_options_get_one_clear_error(options, words):
    """Nothing is started, and the message says what to do."""
    with pytest.raises(ConfigError, match=words):
        run(CONFIG, **options)


def test_the_command_says_how_it_went(tmp_path, capsys):
    """Verdicts, counts, speed, folder and head; exit status 0 when the evidence holds."""
    code = run(CONFIG, simulated=True, lockstep=True, duration="60 s", seed=20260, out=tmp_path / "run")
    text = capsys.readouterr().out
    assert code == 0
    assert "times as fast as real time" in text
    assert verify_run(tmp_path / "run").head in text
