"""Which images are held out: decided by an image's content alone.

The digest of the pixels is a number that nobody chose. Images with the same pixels therefore stand on one side,
whatever their files are called, and an image keeps its side when others are added to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cellctl.errors import ConfigError
from cellctl.training.images import Labelled

ONE_IN = 5
"""One image in so many is held out."""
FEWEST = 5
"""Images of a class that either side needs."""


def is_held_out(digest: str) -> bool:
    """Whether an image of this content is kept from the training."""
    return int(digest[:16], 16) % ONE_IN == 0


def split(images: Iterable[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """Training images and held-out images; each content once.

    Raises ConfigError CELL-1192 when a class has too few images on one side.
    """
    once: dict[str, Labelled] = {}
    for image in images:
        other = once.setdefault(image.digest, image)
        if other.label != image.label:
            raise ConfigError(
                "CELL-1192",
                "{one} and {other} show the same image, but belong to different classes",
                do="leave one of them out",
                one=str(image.path),
                other=str(other.path),
            )
    training = [image for image in once.values() if not is_held_out(image.digest)]
    held_out = [image for image in once.values() if is_held_out(image.digest)]
    for side, members in (("training", training), ("held out", held_out)):
        counts = Counter(image.label for image in members)
        for label in sorted({image.label for image in once.values()}):
            if counts[label] < FEWEST:
                raise ConfigError(
                    "CELL-1192",
                    "class {label}: {count} images on the side {side}, at least {fewest} are needed",
                    do="add images of this class",
                    label=label,
                    count=counts[label],
                    side=side,
                    fewest=FEWEST,
                )
    return training, held_out
