"""Findings that need thought: each is legal YAML that cannot be meant, and is found at its place with a remedy."""

from __future__ import annotations

import msgspec
import pytest

from cellctl.config.resolved import ResolvedCell
from tests.unit.config.findings.builders import MACHINE, checked, found

EQUAL = ("priority: 4", "priority: 3")
STREAK_LOOP = "adjust: {tag: plc.blade_purge, law: pulse, by: 300 ms, up_to: 2}"


def test_the_coater_is_sound_and_its_waivers_are_used(tmp_path):
    """The negative control for every case below: the shipped cell has no finding but the waived ones."""
    cell, findings = checked(tmp_path)
    assert findings.errors == ()
    assert {it.waiver.at for it in findings.waived} == {"loops"}
    assert sorted({it.finding.code for it in findings.waived}) == ["CELL-1141", "CELL-1142"]
    assert len(cell.waivers) == 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("wet_camera: 1.5 m,", "wet_camera: -1.5 m,", "CELL-1136: web.stations.wet_camera: -1.5 m lies before"),
        ("gauge: 64.5 m", "gauge: 6.45 m", "CELL-1137: web.stations.gauge: 6.45 m, and oven_exit, which is listed"),
        ("dry_camera: 66 m}", "dry: 66 m}", "CELL-1135: devices.dry_camera: dry_camera has no station"),
        (
            "inspect: {use: web-inspector, from: wet_camera}", "inspect: {use: web-inspector, from: plc}",
            "CELL-1143: plugins.inspect.from[0]: plc sends Alarm, Reading, WriteResult; web-inspector takes Frame",
        ),
        ("protect: {classes: [streak, bare", "protect: {classes: [coat_edge_spur, bare",
         "CELL-1146: loops.edge_spur.protect.classes[0]: the loop watches coat_edge_spur itself"),
        ("law: pulse, by: 300 ms", "law: step, by: 300 ms", "CELL-1149: loops.streak.adjust.law: plc.blade_purge is a"),
        ("law: step, by: 8 °C", "law: pulse, by: 8 °C", "CELL-1149: loops.crater.adjust.law: plc.zone_t_sp_2 is in °C"),
        ("persists: 3 m", "persists: 1 mm", "CELL-1148: loops.streak.watch.persists: 0.001 m is shorter than the 1 m"),
        ("watch: 150 m, longest", "watch: 10 m, longest", "CELL-1139: loops.edge_spur.release: a fault that returns"),
        ("every: 5 s", "every: 1 ms", "CELL-1147: regulators.film.adjust.every: 0.001 s is shorter than the 0.05 s"),
        ("every: 15 s", "every: 1 h", "CELL-1147: regulators.oven.adjust.every: 3600 s is longer than the 1800 s"),
        (*EQUAL, "CELL-1140: loops.crack.priority: crack and crater cannot verify at the same time"),
        ("dry_camera: 39 Hz", "dry_camra: 39 Hz",
         "CELL-1108: contract.frame_rate.dry_camra: expected a camera, got 'dry_camra'; nearest: dry_camera"),
        ("wet_camera: 39 Hz", "wet_camera: 20 Hz", "CELL-1109: contract.frame_rate.wet_camera: 20 frames of 25.6 mm"),
        (", dry_camera: 39 Hz", "", "CELL-1100: contract: the frame rate of dry_camera is not promised"),
        ("keep: 90 d", "keep: 30 d", "CELL-1106: contract.images.keep: 30 days are less than 90"),
        ("uplink: mqtt-tls1.3", "uplink: mqtt", "CELL-1105: contract.uplink: expected mqtt-tls1.3, got 'mqtt'"),
        ("    it: {name: R. Okafor, date: 2026-11-03}\n", "", "CELL-1107: contract.signatures: it has not signed"),
        ("images: {keep: 90 d,", "images: {keep: 90 d, every: 5000,", "CELL-1110: contract.images.every: no plugin"),
        ("until: 2027-12-31", "until: 2026-12-31", "CELL-1120: waivers[0].until: the waiver by J. Meyer ended on"),
        ("{code: CELL-1142, at: loops,", "{code: CELL-1107, at: loops,", "CELL-1121: waivers[1]: CELL-1107 does not"),
        ("{code: CELL-1142, at: loops,", "{code: CELL-1012, at: loops,", "CELL-1122: waivers[1].code: CELL-1012"),
        ("name: J. Meyer, until", "name: '', until", "CELL-1012: waivers[0].name:"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_found(tmp_path, old, new, expected):
    """Each change of the sound coater is named with code and place, and every message ends with a remedy."""
    lines = found(tmp_path, (old, new))
    assert any(expected in line for line in lines), lines
    assert all(line.startswith("cell.yaml:") and "; do: " in line for line in lines)


def test_a_class_that_no_plugin_reports_is_found(tmp_path):
    """The shipped classifier does not know bare foil: protecting it protects nothing. The place is the word itself."""
    lines = found(tmp_path, ("protect: {classes: [streak]}", "protect: {classes: [bare_foil]}"),
                  ("  agglomerate: {", "  bare_foil: {cause: too little slurry}\n  agglomerate: {"),
                  source="coater.yaml")  # fmt: skip
    assert len(lines) == 1
    assert "CELL-1141: loops.edge_spur.protect.classes[0]: no plugin reports bare_foil; reported are" in lines[0]


def test_another_priority_settles_who_verifies_first(tmp_path):
    """The negative control of the overlap: priorities 3 and 4 take turns, 3 and 3 do not say whose it is."""
    assert found(tmp_path) == []
    assert any("CELL-1140" in line for line in found(tmp_path, EQUAL))


def test_what_is_kept_must_fit_on_the_disk(tmp_path):
    """0.05 objects a metre for 90 days need some 4.5 GB: 1 GB is too little, 10 GB are enough; it can be waived."""
    full = MACHINE._replace(free_bytes=10**9)
    lines = found(tmp_path, around=full)
    assert len(lines) == 1
    assert "CELL-1104: contract.images.keep: 90 days need 4.49 GB" in lines[0]
    assert "and out has 1 GB free" in lines[0]
    assert found(tmp_path, around=MACHINE._replace(free_bytes=10**10)) == []
    waiver = "waivers:\n  - {code: CELL-1104, at: contract, name: R. Okafor, reason: moved to a server each night}\n"
    text = "waivers:                                 # findings that somebody lets pass, and why\n"
    assert found(tmp_path, (text, waiver), around=full) == []
    assert found(tmp_path, (text, waiver)) == []  # with a larger disk the waiver is idle, not wrong


def test_a_waiver_holds_through_its_last_day(tmp_path):
    """On 31 December it still counts, on 1 January no more."""
    last = MACHINE._replace(today=MACHINE.today.replace(2027, 12, 31))
    assert found(tmp_path, around=last) == []
    after = MACHINE._replace(today=MACHINE.today.replace(2028, 1, 1))
    assert any("CELL-1120" in line for line in found(tmp_path, around=after))


def test_a_waiver_covers_only_its_place(tmp_path):
    """A waiver for one loop leaves the other's finding standing."""
    lines = found(tmp_path, ("{code: CELL-1142, at: loops,", "{code: CELL-1142, at: loops.crater,"))
    assert [line.split(": ")[2] for line in lines] == ["loops.crack.watch.defect"]


def test_contract_and_waivers_are_part_of_the_hash(tmp_path):
    """Another promise, another signature or another reason to let something pass is another configuration."""
    base = checked(tmp_path).cell
    others = [
        checked(tmp_path, change).cell
        for change in (("gap: 100 ms", "gap: 200 ms"), ("S. Novak", "S. Novák"), ("shipped classifier", "classifier"))
    ]
    assert len({base.hash, *(it.hash for it in others)}) == 4
    assert ResolvedCell.from_json(base.to_json()) == base
    assert msgspec.json.decode(base.to_json())["contract"]["signatures"]["it"]["name"] == "R. Okafor"
