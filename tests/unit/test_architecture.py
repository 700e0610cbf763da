"""The architecture page says what the layer contract enforces."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


HOUSE, LOOP, CONFIGURATION = "cellctl", "cellctl.loop", "cellctl.config"
BLOCKS = {HOUSE: "floors", LOOP: "floors-of-the-loop", CONFIGURATION: "floors-of-the-configuration"}
"""Package → the name of its block on the page."""


def floors_of_the_page(package: str) -> list[set[str]]:
    """The block of that package, one set of names per line."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = re.search(rf"```{BLOCKS[package]}\n(.*?)```", page, re.DOTALL)
    assert block is not None
    return [set(line.split(" | ")) for line in block[1].splitlines()]


def floors_of_the_contract(package: str) -> list[set[str]]:
    """The layers that import-linter checks directly inside that package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    (own,) = [lines for lines in layers if lines[0].rpartition(".")[0] == package]
    return [{name.strip().removeprefix(f"{package}.") for name in line.split("|")} for line in own]


@pytest.mark.parametrize("package", [HOUSE, LOOP, CONFIGURATION])
def test_page_shows_the_floors_of_the_contract(package: str) -> None:
    """The lists in docs/architecture.md are those in pyproject.toml."""
    assert floors_of_the_page(package) == floors_of_the_contract(package)


@pytest.mark.parametrize("package", [LOOP, CONFIGURATION])
def test_every_room_has_its_floor(package: str) -> None:
    """No module of the loop or of the configuration stands outside its floors."""
    room = ROOT.joinpath(*package.split("."))
    there = {path.parent.name for path in room.glob("*/__init__.py")} | {path.stem for path in room.glob("[a-z]*.py")}
    assert there == set().union(*floors_of_the_contract(package))


def test_every_package_has_its_floor() -> None:
    """No package of the product stands outside the house (native code is behind `kernels`)."""
    there = {path.parent.name for path in (ROOT / "cellctl").glob("*/__init__.py")} - {"_native"}
    there |= {path.stem for path in (ROOT / "cellctl").glob("[a-z]*.py")}
    assert there == set().union(*floors_of_the_contract(HOUSE))


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link in README and docs names a file that is there."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    dead = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert dead == []


def test_readme_shows_the_cell_as_it_ships() -> None:
    """Every line of README's YAML is in configs/coater.yaml, in that order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```yaml\n(.*?)```", readme, re.DOTALL)
    assert block is not None
    lines = iter((ROOT / "configs" / "coater.yaml").read_text(encoding="utf-8").splitlines())
    assert [line for line in block[1].splitlines() if line not in lines] == []
