"""`verify_run`: a good run passes, every change to it shows."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellctl.errors import ConfigError
from cellctl.evidence import LEDGER_FILE, Report, record, verify_run
from tests.unit.evidence.builders import make_image

LARGE = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LOTS = 10_000


def failed(report: Report) -> set[str]:
    """Names of the checks that do not hold."""
    return {check.name for check in report.checks if not check.ok}


def lines_of(run: Path) -> list[bytes]:
    """The ledger's lines."""
    return (run / LEDGER_FILE).read_bytes().splitlines(keepends=True)


def rewrite(run: Path, lines: list[bytes]) -> Report:
    """Verify the run with other ledger lines."""
    (run / LEDGER_FILE).write_bytes(b"".join(lines))
    return verify_run(run)


def test_good_run_passes(run: Path) -> None:
    """A run that was opened, filled and closed holds in every check."""
    report = verify_run(run)
    assert report.ok, [check for check in report.checks if not check.ok]
    assert {check.name for check in report.checks} == {
        "chain",
        "opened",
        "images",
        "people",
        "envelope",
        "corrections",
        "releases",
        "verdicts",
        "regulation",
        "journals",
        "frames",
        "intervals",
        "windows",
        "losses",
        "closed",
    }


def test_edited_value_shows(run: Path) -> None:
    """Changing one number in a record breaks the chain."""
    lines = lines_of(run)
    index = next(i for i, line in enumerate(lines) if b'"in_force":21.0' in line)
    lines[index] = lines[index].replace(b'"in_force":21.0', b'"in_force":20.0', 1)
    assert "chain" in failed(rewrite(run, lines))


def test_edited_and_resealed_record_shows(run: Path) -> None:
    """Changing a record and computing its own hash again still breaks the link from the next one."""
    lines = lines_of(run)
    old = record.read_line(lines[3])
    entry = record.Entry(old.kind, old.t_ns, old.wall, {**old.body, "reason": "forged"}, old.config)
    lines[3] = record.seal(entry, sequence=old.sequence, previous=old.previous).line
    assert "chain" in failed(rewrite(run, lines))


def test_white_space_shows(run: Path) -> None:
    """A space that changes no value is a change all the same."""
    lines = lines_of(run)
    lines[2] = lines[2].replace(b",", b", ", 1)
    assert "chain" in failed(rewrite(run, lines))


@pytest.mark.parametrize("keep", [-1, -2, 1])
def test_cut_tail_shows(run: Path, keep: int) -> None:
    """A ledger cut at a record boundary is an unbroken chain; the missing closing record gives it away."""
    report = rewrite(run, lines_of(run)[:keep])
    assert "chain" not in failed(report)
    assert "closed" in failed(report)


def test_empty_ledger_does_not_pass(run: Path) -> None:
    """Nothing on record is not the same as nothing wrong."""
    assert {"opened", "closed"} <= failed(rewrite(run, []))


def test_missing_image_shows(run: Path) -> None:
    """An image that a record names must be there."""
    (run / "images" / f"{make_image().hash}.png").unlink()
    assert failed(verify_run(run)) == {"images"}


def test_swapped_image_shows(run: Path, tmp_path: Path) -> None:
    """Other pixels under the same name show."""
    from PIL import Image

    Image.new("L", (6, 4), 200).save(tmp_path / "other.png")
    (tmp_path / "other.png").replace(run / "images" / f"{make_image().hash}.png")
    assert failed(verify_run(run)) == {"images"}


def test_extra_image_shows(run: Path) -> None:
    """A file that no record names is reported."""
    (run / "images" / ("0" * 64 + ".png")).write_bytes(b"?")
    assert failed(verify_run(run)) == {"images"}


def test_every_flipped_bit_of_an_image_shows(run: Path) -> None:
    """No byte of a stored image can change unseen, not even one that changes no pixel."""
    path = run / "images" / f"{make_image().hash}.png"
    good = path.read_bytes()
    for index in range(len(good)):
        bad = bytearray(good)
        bad[index] ^= 1
        path.write_bytes(bad)
        assert failed(verify_run(run)) == {"images"}, index


def test_head_kept_elsewhere_shows_a_rewritten_ledger(run: Path) -> None:
    """A ledger that was written anew is consistent in itself; only a head kept elsewhere shows it."""
    head = verify_run(run).head
    forged, previous = [], record.GENESIS
    for number, line in enumerate(lines_of(run)):
        old = record.read_line(line)
        body = {**old.body, "cause": "forged"} if old.kind == "nonconformity" else old.body
        entry = record.Entry(old.kind, old.t_ns, old.wall, body, old.config)
        new = record.seal(entry, sequence=number, previous=previous)
        forged.append(new.line)
        previous = new.hash
    assert rewrite(run, forged).ok
    assert failed(verify_run(run, head=head)) == {"head"}


def test_head_of_the_run_is_found(run: Path) -> None:
    """The true head passes."""
    assert verify_run(run, head=verify_run(run).head).ok


@pytest.mark.parametrize("head", ["abc", "Z" * 64])
def test_bad_head_is_an_error(run: Path, head: str) -> None:
    """A head that is no hash is bad input, not a failed check."""
    with pytest.raises(ConfigError, match="CELL-1091"):
        verify_run(run, head=head)


def test_folder_without_ledger_is_an_error(tmp_path: Path) -> None:
    """A folder that holds no run is bad input."""
    with pytest.raises(ConfigError, match="CELL-1090"):
        verify_run(tmp_path)


Mutation = Callable[[list[bytes], random.Random], list[bytes]]


def delete(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """Remove one record."""
    index = rng.randrange(len(lines))
    return lines[:index] + lines[index + 1 :]


def insert(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """Put a copy of a record somewhere."""
    index = rng.randrange(len(lines) + 1)
    return [*lines[:index], rng.choice(lines), *lines[index:]]


def swap(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """Exchange two records."""
    first, second = rng.sample(range(len(lines)), 2)
    lines = list(lines)
    lines[first], lines[second] = lines[second], lines[first]
    return lines


def truncate(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """Cut the file anywhere."""
    data = b"".join(lines)
    return [data[: rng.randrange(len(data))]]


def flip(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """Change one bit anywhere."""
    data = bytearray(b"".join(lines))
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return [bytes(data)]


def edit(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """Change one digit of one value to another digit."""
    data = bytearray(b"".join(lines))
    digits = [index for index, byte in enumerate(data) if chr(byte).isdigit()]
    index = rng.choice(digits)
    data[index] = ord(rng.choice([digit for digit in "0123456789" if ord(digit) != data[index]]))
    return [bytes(data)]


MUTATIONS: tuple[Mutation, ...] = (delete, insert, swap, truncate, flip, edit)


@LARGE
@given(mutation=st.sampled_from(MUTATIONS), rng=st.randoms(use_true_random=False))
def test_any_mutation_shows(run: Path, mutation: Mutation, rng: random.Random) -> None:
    """Delete, insert, exchange, cut, flip, edit: whatever is done to the ledger, the run does not pass."""
    good = (run / LEDGER_FILE).read_bytes()
    try:
        assert not rewrite(run, mutation(lines_of(run), rng)).ok
    finally:
        (run / LEDGER_FILE).write_bytes(good)


@pytest.mark.slow
def test_ten_thousand_mutations_show(run: Path) -> None:
    """Of 10 000 seeded mutations of the ledger not one goes unseen."""
    lines = lines_of(run)
    rng = random.Random(20)
    unseen = [number for number in range(LOTS) if rewrite(run, rng.choice(MUTATIONS)(lines, rng)).ok]
    assert unseen == []


def test_mutations_are_not_seen_without_the_chain(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a verifier that does not follow the chain misses an edited value."""
    from cellctl.evidence import verify

    def trusting(path: Path) -> list[record.Record]:
        return [record.Record(**json.loads(line)) for line in path.read_bytes().splitlines()]

    monkeypatch.setattr(verify, "read_chain", trusting)
    lines = [line.replace(b"slurry mixing", b"nothing at all") for line in lines_of(run)]
    assert rewrite(run, lines).ok


def test_every_record_carries_the_configuration(run: Path) -> None:
    """Also those of the guard's journal."""
    opened = record.read_line(lines_of(run)[0])
    assert {record.read_line(line).config for line in lines_of(run)} == {opened.body["config_hash"]}
    journal = next(run.glob("journal-*.jsonl")).read_bytes().splitlines(keepends=True)
    assert {record.read_line(line).config for line in journal} == {opened.body["config_hash"]}


def resealed(run: Path, config: Callable[[int], str], **opening: object) -> Report:
    """The ledger sealed anew with other configurations, and another opening record."""
    previous, lines = record.GENESIS, []
    for number, line in enumerate(lines_of(run)):
        old = record.read_line(line)
        body = {**old.body, **opening} if number == 0 else old.body
        entry = record.Entry(old.kind, old.t_ns, old.wall, body, config(number))
        new = record.seal(entry, sequence=number, previous=previous)
        previous = new.hash
        lines.append(new.line)
    return rewrite(run, lines)


def test_a_record_of_another_configuration_shows(run: Path) -> None:
    """Somebody who can compute hashes has put it there."""
    own = record.read_line(lines_of(run)[0]).config
    report = resealed(run, lambda number: "ab" * 32 if number == 2 else own)
    assert failed(report) == {"opened"}


def test_a_run_of_format_1_is_still_checked(run: Path) -> None:
    """Its records do not carry the configuration; their lines are those of then."""
    assert failed(resealed(run, lambda _: "", format=1)) == set()
    assert b'"config":"' not in lines_of(run)[1]


def test_a_format_that_is_not_known_is_refused(run: Path) -> None:
    """A newer cellctl wrote it."""
    own = record.read_line(lines_of(run)[0]).config
    report = resealed(run, lambda _: own, format=3)
    assert "opened" in failed(report)
    assert any("use a newer one" in check.detail for check in report.checks)
