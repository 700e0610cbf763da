"""`cellctl train`: make a classifier of whole images from labelled ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from cellctl.errors import ConfigError
from cellctl.inspect import load_classifier


def train(
    folder: Path,
    *,
    out: Path | None = None,
    assess: Path | None = None,
    good: str = "",
    source: str = "",
    licence: str = "unstated",
    seed: int = 0,
) -> int:
    """Train a classifier on a folder of images, one folder per class, or say how good one is on it.

    One image in five is held out, chosen by its content; what the model reaches on those is written on its card,
    beside the model file. Needs the extra `train`: pip install 'cellctl[train]'.

    Example: `cellctl train images --out strip.onnx --source "line 2, May" --licence internal`

    Args:
        folder: holds one folder of images per class.
        out: the model file to write; its card goes beside it.
        assess: judge the folder with this model instead of training one.
        good: name of the class that is free of defects, when there is one.
        source: where the images come from, in words, for the card.
        licence: under which the images may be used, for the card.
        seed: of the training.
    """
    console = Console(highlight=False)
    made = _trainer()
    if assess is not None:
        found = made.assess(load_classifier(assess, images=True), folder)
        for side in ("held_out", "training"):
            _say(console, side.replace("_", " "), found[side])
        _say_left_out(console, found["left_out"])
        return 0
    if out is None:
        raise ConfigError("CELL-1193", "--out: no file to write the model to", do="add --out model.onnx")
    model = made.train(folder, out.stem, source=source, licence=licence, seed=seed, background=good)
    made.write(out, model)
    console.print(f"{out}: {len(model.model)} bytes, SHA-256 {model.card.sha256}", soft_wrap=True, markup=False)
    _say(console, "held out", model.card.metrics["held_out"])
    _say_left_out(console, model.left_out)
    return 0


def _trainer() -> Any:
    """The module that trains; only this command loads what it needs."""
    try:
        from cellctl.training import train as made  # noqa: PLC0415  # an extra, and slow to load
    except ImportError as error:
        raise ConfigError(
            "CELL-1194", "training needs packages that are not installed: {reason}",
            do="pip install 'cellctl[train]'", reason=str(error),
        ) from None  # fmt: skip
    return made


def _say(console: Console, side: str, found: dict[str, Any]) -> None:
    if not found:
        console.print(f"{side}: no images")
        return
    console.print(
        f"{side}: {found['images']} images, accuracy {found['accuracy']:.1%}, macro-F1 {found['macro_f1']:.3f}, "
        f"calibration error {found['ece_15_bins']:.3f}", soft_wrap=True,
    )  # fmt: skip
    for name, row in found["classes"].items():
        wrong = ", ".join(f"{count} {answer}" for answer, count in row["called"].items() if answer != name)
        line = f"  {name}: {row['called'].get(name, 0)} of {row['images']}"
        console.print(line + (f"; else {wrong}" if wrong else ""), soft_wrap=True)


def _say_left_out(console: Console, left_out: dict[str, str]) -> None:
    for name, reason in left_out.items():
        console.print(f"left out: {name}: {reason}", markup=False, soft_wrap=True)
