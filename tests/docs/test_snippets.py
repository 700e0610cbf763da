"""Every snippet in README and the guide is tried: a page that lies is worse than none."""

import pytest
import yaml

from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell
from tests.docs.pages import LANGUAGES, PAGES, ROOT, blocks, blocks_of

ALL = [block for page in PAGES if page.exists() for block in blocks(page)]
PYTHON = [block for block in ALL if block.language == "python" and not block.title and not block.is_exempt]
YAML = [block for block in ALL if block.language == "yaml" and not block.title and not block.is_exempt]


def _place(block):
    return block.place


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.exists()], ids=lambda page: str(page.relative_to(ROOT))
)
def test_no_snippet_escapes(page):
    """Each block is of a kind that is tried, or says why it is not."""
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{block.place}: {block.language!r}"
        assert not block.comment.startswith("not run") or block.is_exempt, f"{block.place}: say why it is not run"


@pytest.mark.parametrize("block", PYTHON, ids=_place)
def test_python_runs(block, tmp_path, monkeypatch):
    """A Python snippet runs by itself."""
    monkeypatch.chdir(tmp_path)
    exec(compile("\n" * block.line + block.text, str(block.page), "exec"), {"__name__": "snippet"})


@pytest.mark.parametrize("block", YAML, ids=_place)
def test_yaml_is_a_cell_or_a_part_of_one(block, tmp_path):
    """A snippet of YAML passes `check`: by itself, or laid over the coater's cell."""
    (tmp_path / "cell.yaml").write_text(_whole(block.text))
    for table in (ROOT / "configs").glob("*.csv"):
        (tmp_path / table.name).write_bytes(table.read_bytes())
    load_cell(tmp_path / "cell.yaml", simulated=True)


def test_a_wrong_part_is_found(tmp_path):
    """The negative control: a key that does not exist does not pass as a part of a cell."""
    (tmp_path / "cell.yaml").write_text(_whole("loops:\n  edge_spur:\n    dead_line: 800 ms\n"))
    for table in (ROOT / "configs").glob("*.csv"):
        (tmp_path / table.name).write_bytes(table.read_bytes())
    with pytest.raises(ConfigError, match="dead_line"):
        load_cell(tmp_path / "cell.yaml", simulated=True)


def test_blocks_know_where_they_stand():
    """Line, language, title and comment are read."""
    source = 'a\n\n<!-- exit 2 -->\n\n```sh title="another terminal"\nls\n```\n'
    (block,) = blocks_of(source, PAGES[0])
    assert (block.line, block.language, block.title, block.text, block.status) == (
        5,
        "sh",
        "another terminal",
        "ls\n",
        2,
    )


def _whole(text):
    """A part of a cell laid over the full coater's."""
    part = yaml.safe_load(text)
    if "version" in part:
        return text
    whole = yaml.safe_load((ROOT / "configs" / "coater-full.yaml").read_text())
    return yaml.safe_dump(_laid_over(whole, part), allow_unicode=True, sort_keys=False)


def _laid_over(below, above):
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: _laid_over(below.get(key), value) for key, value in above.items()}}
