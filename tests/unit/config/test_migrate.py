"""A cell file of an older version is brought up to the newest, and nothing else of it is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellctl.cli.migrate import migrate as command
from cellctl.config import CellConfig, parse_yaml, validate
from cellctl.config.migrate import NEWEST, STEPS, migrate
from cellctl.errors import ConfigError

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "migrate"
OLD = sorted(GOLDEN.glob("*.v1.yaml"))
BLOCK = """\
version: 1   # of the file
cell: {id: c}
recipe:                  # what is made
  web_speed: 1 m/s       # as usual
  # the name on the label
  product: 'NMC 200'     # from the plant
  setpoints:
    plc.a: "20 kPa"

    plc.b: 1 bar
# devices follow
devices: {}
"""


def new(text: str) -> str:
    """The text as the newest version has it."""
    return migrate(text, "cell.yaml").text


def test_there_is_a_way_from_every_older_version() -> None:
    """No file is left behind between two versions."""
    assert sorted(STEPS) == list(range(1, NEWEST))


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.name)
def test_a_real_file_of_version_1_is_a_cell_of_version_2(path: Path) -> None:
    """The product has become the name of its recipe, with the same values."""
    before = parse_yaml(path.read_text(), path.name).data
    config = validate(parse_yaml(new(path.read_text()), path.name), CellConfig)
    assert list(config.recipes) == [config.product] == [before["recipe"]["product"]]
    assert config.recipe.model == before["recipe"]["model"]
    assert list(config.recipe.setpoints) == list(before["recipe"]["setpoints"])


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.name)
def test_lines_outside_of_what_changed_are_the_same(path: Path) -> None:
    """Only the version and the recipe's lines differ; there are as many lines as before."""
    before, after = path.read_text().splitlines(), new(path.read_text()).splitlines()
    start = before.index("recipe:")
    end = start + next(i for i, line in enumerate(before[start:]) if not line)
    assert len(before) == len(after)
    changed = {number for number, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]}
    assert changed - {before.index("version: 1")} == set(range(start, end))


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.name)
def test_twice_is_once(path: Path) -> None:
    """A file of the newest version is left as it is."""
    once = new(path.read_text())
    assert migrate(once, path.name) == (once, NEWEST)


def test_comments_quotes_and_blank_lines_stay() -> None:
    """Where the product is not the first line, its name goes first; comments behind values keep their column."""
    assert new(BLOCK) == (
        "version: 2   # of the file\n"
        "cell: {id: c}\n"
        "recipes:                  # what is made\n"
        "  'NMC 200':     # from the plant\n"
        "    web_speed: 1 m/s     # as usual\n"
        "    # the name on the label\n"
        "    setpoints:\n"
        '      plc.a: "20 kPa"\n'
        "\n"
        "      plc.b: 1 bar\n"
        "# devices follow\n"
        "devices: {}\n"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{product: X, web_speed: 1 m/s}", "{X: {web_speed: 1 m/s}}"),
        ("{web_speed: 1 m/s, product: X}", "{X: {web_speed: 1 m/s}}"),
        ("{model: m, product: X, setpoints: {a.b: 1 bar}}", "{X: {model: m, setpoints: {a.b: 1 bar}}}"),
        ("{product: X}", "{X: {}}"),
    ],
)
def test_a_recipe_on_one_line_stays_on_one_line(written: str, expected: str) -> None:
    """The flow style of the section is kept."""
    assert new(f"version: 1\nrecipe: {written}  # c\n") == f"version: 2\nrecipes: {expected}  # c\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("  product: X", "  X: {}"),
        ("  model: m\n  product: X", "  X:\n    model: m\n"),
        ("  product: X\n  model: m", "  X:\n    model: m"),
    ],
)
def test_a_file_without_a_last_line_break_is_migrated_too(written: str, expected: str) -> None:
    """The end of the file is the end of the section."""
    assert new(f"version: 1\nrecipe:\n{written}") == f"version: 2\nrecipes:\n{expected}"


def test_foreign_line_breaks_stay() -> None:
    """A file from another system keeps its line breaks."""
    assert new(BLOCK.replace("\n", "\r\n")) == new(BLOCK).replace("\n", "\r\n")


def test_a_cell_without_a_recipe_only_gets_the_new_number() -> None:
    """What is missing is said by the check of the new version."""
    assert new("version: 1\ncell: {id: c}\n") == "version: 2\ncell: {id: c}\n"


@pytest.mark.parametrize(
    ("written", "code", "place"),
    [
        ("version: 3\n", "CELL-1006", "cell.yaml:1:10"),
        ("version: 0\n", "CELL-1157", "cell.yaml:1:10"),
        ("version: one\n", "CELL-1157", "cell.yaml:1:10"),
        ("version: true\n", "CELL-1157", "cell.yaml:1:10"),
        ("cell: {id: c}\n", "CELL-1157", "cell.yaml:1:1"),
        ("[1]\n", "CELL-1157", "cell.yaml:1:1"),
        ("version: 1\nrecipe: {web_speed: 1 m/s}\n", "CELL-1155", "cell.yaml:2:1"),
        ("version: 1\nrecipe: NMC\n", "CELL-1155", "cell.yaml:2:1"),
        ("version: 1\nrecipe: {product: {a: b}}\n", "CELL-1155", "cell.yaml:2:1"),
        ("version: 1\nrecipe: {product: X}\nrecipes: {}\n", "CELL-1156", "cell.yaml:2:1"),
        ("version: 1\nrecipe:\n  product: |\n    X\n", "CELL-1156", "cell.yaml:3:12"),
        ("version: 1\nversion: 1\n", "CELL-1003", "cell.yaml:2:1"),
    ],
)
def test_what_cannot_be_migrated_says_so_at_its_place(written: str, code: str, place: str) -> None:
    """A person learns what to change, and where."""
    with pytest.raises(ConfigError) as caught:
        migrate(written, "cell.yaml")
    assert caught.value.code == code
    assert str(caught.value).startswith(f"{place}: ")


def test_without_write_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command shows the difference."""
    file = tmp_path / "cell.yaml"
    file.write_text(BLOCK)
    command(file)
    assert file.read_text() == BLOCK
    assert "+  'NMC 200':     # from the plant" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [file]


def test_with_write_the_old_file_is_kept(tmp_path: Path) -> None:
    """Byte by byte, beside the new one; a second run finds nothing to do."""
    file = tmp_path / "cell.yaml"
    old = b"\xef\xbb\xbf" + BLOCK.replace("\n", "\r\n").encode()
    file.write_bytes(old)
    command(file, write=True)
    command(file, write=True)
    assert file.read_bytes() == b"\xef\xbb\xbf" + new(BLOCK).replace("\n", "\r\n").encode()
    assert (tmp_path / "cell.yaml.bak").read_bytes() == old
    assert len(list(tmp_path.iterdir())) == 2


def test_a_backup_is_never_overwritten(tmp_path: Path) -> None:
    """What an earlier run has kept stays."""
    file = tmp_path / "cell.yaml"
    file.write_text(BLOCK)
    (tmp_path / "cell.yaml.bak").write_text("mine")
    command(file, write=True)
    assert (tmp_path / "cell.yaml.bak").read_text() == "mine"
    assert (tmp_path / "cell.yaml.bak2").read_text() == BLOCK


def test_a_tab_that_only_one_reader_takes_is_no_traceback() -> None:
    """A tab before a value, which libyaml reads and the reader that knows places does not: the place is told."""
    written = "version: 1\nrecipe:\n  product:\tA\n  web_speed: 1 m/s\n"
    with pytest.raises(ConfigError) as caught:
        migrate(written, "cell.yaml")
    assert caught.value.code == "CELL-1156"
    assert str(caught.value).startswith("cell.yaml:3:11: ")


def test_a_file_that_is_json_stays_json() -> None:
    """The quotes around the key of the section stay."""
    written = '{"version": 1, "recipe": {"product": "A", "web_speed": "1 m/s"}}'
    assert json.loads(migrate(written, "cell.yaml").text) == {"version": 2, "recipes": {"A": {"web_speed": "1 m/s"}}}
