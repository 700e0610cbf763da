"""Which images are held out: by content alone, equal ones together."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from cellctl.errors import ConfigError
from cellctl.training.images import Labelled
from cellctl.training.split import FEWEST, ONE_IN, is_held_out, split


def image(number: int, label: str = "a") -> Labelled:
    """An image that is told from others by its number."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    nothing = np.zeros(1, np.float32)
    return Labelled(Path(f"{label}/{number}.png"), label, digest, (8, 8), nothing, nothing)


def images(count: int) -> list[Labelled]:
    """Two classes of so many images."""
    return [image(number, "ab"[number % 2]) for number in range(count)]


def test_every_image_is_on_one_side():
    """Nothing is lost, nothing is on both sides, and about one in five is held out."""
    training, held_out = split(images(1000))
    digests = [it.digest for it in (*training, *held_out)]
    assert len(set(digests)) == len(digests) == 1000
    assert 1000 / ONE_IN * 0.75 < len(held_out) < 1000 / ONE_IN * 1.25


def test_an_image_keeps_its_side():
    """Adding images moves none: a model that is trained anew is still tested on what no older one has seen."""
    before = {it.digest for it in split(images(300))[1]}
    after = {it.digest for it in split(images(500))[1]}
    assert before < after


def test_equal_images_count_once():
    """A copy under another name is neither trained on nor tested twice."""
    twice = [*images(200), image(7, "b")._replace(path=Path("b/copy.png"))]
    training, held_out = split(twice)
    assert len(training) + len(held_out) == 200


def test_one_image_in_two_classes_is_refused():
    """Nobody can be right about it."""
    with pytest.raises(ConfigError, match="the same image") as caught:
        split([*images(200), image(7, "a")])
    assert caught.value.code == "CELL-1192"


def test_a_class_with_too_few_images_is_refused():
    """The error names class, count and side."""
    few = [image(number, "rare") for number in range(1000, 1003)]
    with pytest.raises(ConfigError, match="class rare") as caught:
        split([*images(200), *few])
    assert f"at least {FEWEST}" in str(caught.value)


def test_the_side_is_the_digest_modulo_five():
    """As the card says, so that anybody can repeat it."""
    digest = "000000000000000a" + "f" * 48
    assert is_held_out(digest)
    assert not is_held_out("000000000000000b" + "f" * 48)
