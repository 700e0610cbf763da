"""Training on two kinds of stripes: the model that comes out is the one the inspector loads."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from cellctl.errors import ConfigError

pytest.importorskip("sklearn", reason="the extra `train` is not installed")
pytest.importorskip("onnx", reason="the extra `train` is not installed")

from cellctl.cli.train import train as command
from cellctl.inspect import ModelCard, card_path, load_classifier
from cellctl.training import linear
from cellctl.training.images import digest_of, label_of, read_folder, recoded
from cellctl.training.train import assess, train, write

SIZE = 48


def stripes(seed: int, *, upright: bool) -> np.ndarray:
    """Stripes along or across the web, with noise and a random phase."""
    rng = np.random.default_rng(seed)
    wave = 40 * np.sin(2 * np.pi * (np.arange(SIZE) / 6.0 + rng.uniform()))
    grey = 120 + (wave[None, :] if upright else wave[:, None]) + rng.normal(0, 25, (SIZE, SIZE))
    return np.asarray(grey.clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two class folders, one of PNG and one of JPEG files, and files that are no such images."""
    root = tmp_path_factory.mktemp("images")
    for number in range(80):
        for name, suffix in (("Rolled in", "png"), ("scratch", "jpg")):
            (root / name).mkdir(exist_ok=True)
            pixels = stripes(number * 2 + (name == "scratch"), upright=name == "scratch")
            Image.fromarray(pixels).save(root / name / f"{number}.{suffix}")
    (root / "scratch" / "text.jpg").write_text("not an image")
    (root / "scratch" / "empty.jpg").write_bytes(b"")
    Image.fromarray(stripes(5, upright=True)[:, :40]).save(root / "scratch" / "narrow.png")
    os.mkfifo(root / "scratch" / "pipe.jpg")  # whoever opens it waits for a writer that never comes
    return root


@pytest.fixture(scope="module")
def made(folder: Path):
    """A model of these images."""
    return train(folder, "stripes", source="drawn", licence="none")


def test_what_is_no_image_is_left_out_with_its_reason(made):
    """A text file named .jpg, an empty file, a pipe and one of another size are named, and stop nothing."""
    assert set(made.left_out) == {"scratch/text.jpg", "scratch/empty.jpg", "scratch/narrow.png", "scratch/pipe.jpg"}
    assert all(made.left_out.values())


def test_the_model_loads_and_knows_what_it_has_not_seen(made, folder: Path, tmp_path: Path):
    """Written, loaded as the inspector loads it, and right about the images that were held out."""
    path = tmp_path / "stripes.onnx"
    write(path, made)
    found = assess(load_classifier(path, images=True), folder)
    assert found["held_out"]["accuracy"] >= 0.95
    assert found["held_out"]["images"] + found["training"]["images"] == 160
    assert set(found["left_out"]) == set(made.left_out)


def test_shuffled_labels_teach_nothing(folder: Path, tmp_path: Path):
    """Negative control: with the files dealt out at random the held-out accuracy is that of a coin."""
    deal = np.random.default_rng(3)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    for path in sorted(folder.rglob("*.png")) + sorted(folder.rglob("[0-9]*.jpg")):
        target = tmp_path / ("a" if deal.uniform() < 0.5 else "b") / f"{path.parent.name}-{path.name}"
        target.write_bytes(path.read_bytes())
    found = train(tmp_path, "coin", source="drawn", licence="none").card.metrics["held_out"]
    assert 0.2 < found["accuracy"] < 0.8


def test_the_same_folder_gives_the_same_file(made, folder: Path):
    """Bytes and card do not depend on when and where."""
    again = train(folder, "stripes", source="drawn", licence="none")
    assert (again.model, again.card) == (made.model, made.card)


def test_the_card_says_where_it_comes_from(made):
    """Source, licence, counts, split, held-out digests, and that no class is good."""
    card = msgspec.json.decode(msgspec.json.encode(made.card), type=ModelCard)
    assert card.classes == ("rolled_in", "scratch")
    assert (card.data["source"], card.data["licence"]) == ("drawn", "none")
    assert len(card.data["held_out_digests"]) == card.metrics["held_out"]["images"]
    assert any("never says that an image is good" in limit for limit in card.limits)


def test_a_class_of_good_surface(folder: Path):
    """Named on the card, and then the limit is not there."""
    card = train(folder, "stripes", source="drawn", licence="none", background="Rolled in").card
    assert card.background == "rolled_in"
    assert not any("never says" in limit for limit in card.limits)


def test_the_file_type_is_no_feature(folder: Path):
    """Once recoded, a PNG and the JPEG of the same pixels have nearly the same features."""
    pixels = stripes(1, upright=True)
    once, twice = recoded(pixels), recoded(recoded(pixels))
    assert (
        np.abs(once.astype(int) - twice.astype(int)).mean() < np.abs(once.astype(int) - pixels.astype(int)).mean() / 2
    )
    assert {image.label for image in read_folder(folder).images} == {"rolled_in", "scratch"}


def test_an_image_is_named_by_its_content(folder: Path):
    """The digest is that of the grey pixels, whatever the file is called."""
    pixels = stripes(0, upright=False)
    (found,) = [image for image in read_folder(folder).images if image.path.name == "0.png"]
    assert found.digest == digest_of(pixels)


@pytest.mark.parametrize(("folder_name", "label"), [("red iron", "red_iron"), (" Oxide-Scale ", "oxide_scale")])
def test_labels_are_written_as_the_configuration_writes_them(folder_name: str, label: str):
    """Blanks and signs become one `_`."""
    assert label_of(folder_name) == label


def test_probabilities_of_a_clear_case():
    """One feature that separates two classes: the model is sure and right, and its temperature is finite."""
    features = np.concatenate([np.random.default_rng(1).normal(side, 0.1, (50, 1)) for side in (-1.0, 1.0)])
    numbers = np.repeat([0, 1], 50)
    model = linear.fit(features, numbers, seed=0)
    assert (model.probabilities(features).argmax(axis=1) == numbers).all()
    assert np.isfinite(model.temperature)


def test_one_class_is_no_task(tmp_path: Path):
    """A folder of one class is refused, with what was found."""
    (tmp_path / "only").mkdir()
    Image.fromarray(stripes(1, upright=True)).save(tmp_path / "only" / "1.png")
    with pytest.raises(ConfigError, match="1 images in 1") as caught:
        read_folder(tmp_path)
    assert caught.value.code == "CELL-1191"


def test_the_command_writes_model_and_card(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """`cellctl train` says what it reached, class by class, and what it left out."""
    path = tmp_path / "new" / "model.onnx"
    assert command(folder, out=path) == 0
    said = capsys.readouterr().out
    assert "held out: " in said
    assert "left out: scratch/text.jpg" in said
    assert card_path(path).is_file()
    assert command(folder, assess=path) == 0
    assert "training: " in capsys.readouterr().out


def test_the_command_needs_a_place_to_write_to(folder: Path):
    """Without --out and without --assess there is nothing to do."""
    with pytest.raises(ConfigError) as caught:
        command(folder)
    assert caught.value.code == "CELL-1193"


def test_a_good_class_that_is_not_there_is_refused(folder: Path):
    """The error lists the classes."""
    with pytest.raises(ConfigError, match="rolled_in, scratch") as caught:
        train(folder, "stripes", source="drawn", licence="none", background="good")
    assert caught.value.code == "CELL-1197"
