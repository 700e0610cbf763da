"""The architecture page says what the layer contract enforces."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def floors_of_the_page() -> list[set[str]]:
    """The block marked `floors`, one set of packages per line."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = re.search(r"```floors\n(.*?)```", page, re.DOTALL)
    assert block is not None
    return [set(line.split(" | ")) for line in block[1].splitlines()]


def floors_of_the_contract() -> list[set[str]]:
    """The layers that import-linter checks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    return [{name.strip().removeprefix("cellctl.") for name in layer.split("|")} for layer in layers]


def test_page_shows_the_floors_of_the_contract() -> None:
    """The list in docs/architecture.md is the one in pyproject.toml."""
    assert floors_of_the_page() == floors_of_the_contract()


def test_every_package_has_its_floor() -> None:
    """No package of the product stands outside the house (native code is behind `kernels`)."""
    there = {path.parent.name for path in (ROOT / "cellctl").glob("*/__init__.py")} - {"_native"}
    there |= {path.stem for path in (ROOT / "cellctl").glob("[a-z]*.py")}
    assert there == set().union(*floors_of_the_contract())


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
