"""`adjust: {advise: …}`: a loop that says what to do, beside those that move a set-point."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigErrors
from cellctl.model import Side
from cellctl.runtime.loading import load_cell

CELL = """\
version: 2
cell: {id: strip}
recipes: {steel: {model: "cellctl:strip.onnx"}}
devices:
  camera: {driver: folder-camera, path: images, size: [128, 128]}
plugins:
  inspect: {use: strip-inspector, from: camera}
defects:
  red_iron: {cause: descaling}
loops:
  descaling:
    authority: AUTHORITY
    watch: {defect: red_iron, normal: 0.5 /m, alarm: 4 /m}
    adjust: ADJUST
"""


def load(folder: Path, adjust: str, authority: str = "advisory") -> ResolvedCell:
    """A cell with one loop."""
    (folder / "images").mkdir(exist_ok=True)
    (folder / "images" / "1.png").write_bytes(b"x")
    path = folder / "cell.yaml"
    path.write_text(CELL.replace("ADJUST", adjust).replace("AUTHORITY", authority))
    return load_cell(path)


def test_words_without_a_plant(tmp_path: Path):
    """The loop has its words, no set-point and no release, looks after the whole width, and the guard knows no loop."""
    cell = load(tmp_path, '{advise: "look at the nozzles", up_to: 2}')
    (loop,) = cell.advising
    assert (loop.advise, loop.tag, loop.step, loop.tries) == ("look at the nozzles", "", 0.0, 2)
    assert (loop.side, loop.release.enabled) == (Side.NONE, False)
    assert (cell.loops, cell.guard.loops) == ((), {})


def test_it_reads_back_the_same(tmp_path: Path):
    """The resolved cell travels as JSON."""
    cell = load(tmp_path, '{advise: "look at the nozzles"}')
    assert ResolvedCell.from_json(cell.to_json()) == cell


@pytest.mark.parametrize("authority", ["confirm", "auto"])
def test_there_is_nothing_to_allow(tmp_path: Path, authority: str):
    """An authority that moves something contradicts it; the error is at the authority."""
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, '{advise: "look at the nozzles"}', authority)
    assert [error.code for error in caught.value.errors] == ["CELL-1196"]
    assert "cell.yaml:12:16" in str(caught.value)


@pytest.mark.parametrize("more", ["tag: plc.blade", "by: 5 %", "law: pulse"])
def test_words_and_a_move_exclude_each_other(tmp_path: Path, more: str):
    """Who advises in words moves nothing."""
    with pytest.raises(ConfigErrors, match="moves nothing"):
        load(tmp_path, f'{{advise: "look at the nozzles", {more}}}')


@pytest.mark.parametrize("authority", ["off", "shadow", "advisory"])
def test_a_move_still_needs_tag_and_step(tmp_path: Path, authority: str):
    """Negative control: without `advise` the keys of a move are required as before."""
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, "{up_to: 1}", authority)
    said = str(caught.value)
    assert "adjust.tag: required key is missing" in said
    assert "adjust.by: required key is missing" in said


@pytest.mark.parametrize("more", ["protect: {film_weight: 1 %}", "release: off", "deadline: 1 s"])
def test_what_belongs_to_a_move_is_refused(tmp_path: Path, more: str):
    """Silently ignored, it would promise what nobody does."""
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, f'{{advise: "look at the nozzles"}}\n    {more}')
    assert [error.code for error in caught.value.errors] == ["CELL-1198"]
    assert "cell.yaml:15:5" in str(caught.value)
