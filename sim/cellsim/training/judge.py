"""How good a classifier is on webs it has never seen: object by object, through the whole inspection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.stats import chi2

from cellctl.inspect import CandidateFinder, Classifier, Track, Tracker, make_parts
from cellsim.render import COLUMNS, WebObject
from cellsim.training.samples import BACKGROUND, CLASSES, PITCH, RULES
from cellsim.training.web import Box, Recipe, Web, box_of, true_class

_DEFECTS = tuple(name for name in CLASSES if name != BACKGROUND)
_BINS = 10


@dataclass
class Tally:
    """Counts over any number of webs.

    Attributes:
        metres: length judged.
        truths: (class, width in mm) of every true defect.
        missed: the same of those that no reported object touches.
        called: (true class, reported class) of the reported object that shows most of each true defect.
        reported: (true class, reported class, confidence) of every reported object.
        answers: (confidence, right) of every object, also of those passed over.
        repeats: reported objects beyond the first for one true defect.
    """

    metres: float = 0.0
    truths: list[tuple[str, float]] = field(default_factory=list)
    missed: list[tuple[str, float]] = field(default_factory=list)
    called: list[tuple[str, str]] = field(default_factory=list)
    reported: list[tuple[str, str, float]] = field(default_factory=list)
    answers: list[tuple[float, bool]] = field(default_factory=list)
    repeats: int = 0


def judge(classifier: Classifier, seeds: Iterable[int], blocks: int, recipe: Recipe) -> Tally:
    """Inspect one web per seed as the live inspector does, and compare with what is on it."""
    tally = Tally()
    for seed in seeds:
        web = Web(seed, blocks, recipe)
        tally.metres += web.length_m
        _compare(tally, web, _tracks(classifier, web))
    return tally


def _tracks(classifier: Classifier, web: Web) -> list[Track]:
    finder = CandidateFinder(COLUMNS, PITCH, RULES, classifier.patch)
    tracker = Tracker(1000.0, PITCH.column_mm)
    tracks: list[Track] = []
    for block in web.blocks():
        found = finder.look(block.pixels)
        parts = make_parts(
            found, block.pixels, classifier, smallest=finder.smallest, from_mm=block.from_mm, pitch=PITCH
        )
        tracks += [track for track in tracker.update(parts) if track.probabilities is not None]
    return tracks


def _compare(tally: Tally, web: Web, tracks: list[Track]) -> None:
    reported: list[tuple[Box, str]] = []
    for track in tracks:
        probabilities = np.asarray(track.probabilities)
        answer, confidence = CLASSES[int(probabilities.argmax())], float(probabilities.max())
        box = Box(*track.along, *track.across)
        truth = true_class(box, web.things, BACKGROUND, CLASSES)
        tally.answers.append((confidence, truth == answer))
        if answer != BACKGROUND:
            tally.reported.append((truth, answer, confidence))
            reported.append((box, answer))
    for thing in web.things:
        if thing.defect in _DEFECTS:
            _find(tally, thing, reported)


def _find(tally: Tally, thing: WebObject, reported: list[tuple[Box, str]]) -> None:
    place, key = box_of(thing), (thing.defect, thing.width_mm)
    hits = sorted((place.overlap(box), answer) for box, answer in reported if place.overlap(box))
    tally.truths.append(key)
    if not hits:
        tally.missed.append(key)
        return
    tally.called.append((thing.defect, hits[-1][1]))
    tally.repeats += len(hits) - 1


def metrics(tally: Tally) -> dict[str, Any]:
    """The tally in figures."""
    truths, missed, called = Counter(name for name, _ in tally.truths), tally.missed, Counter(tally.called)
    classes: dict[str, Any] = {}
    for name in (name for name in _DEFECTS if truths[name]):
        said = [truth for truth, answer, _ in tally.reported if answer == name]
        precision = said.count(name) / max(1, len(said))
        recall = called[name, name] / max(1, truths[name])
        classes[name] = {
            "objects": truths[name],
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
            "missed": sum(defect == name for defect, _ in missed),
            "missed_width_mm": sorted(round(width, 2) for defect, width in missed if defect == name)[:20],
            "called": {answer: called[name, answer] for answer in _DEFECTS},
        }
    false = sum(truth == BACKGROUND for truth, _, _ in tally.reported)
    right = [confidence for truth, answer, confidence in tally.reported if truth == answer]
    return {
        "metres": round(tally.metres, 1),
        "classes": classes,
        "false_objects": false,
        "false_per_m": round(false / tally.metres, 5),
        # Exact upper limit of a Poisson rate: with none seen it is about 3 / metres.
        "false_per_m_upper_95": round(float(chi2.ppf(0.95, 2 * (false + 1))) / 2 / tally.metres, 5),
        "repeats": tally.repeats,
        "ece": round(calibration_error(tally.answers), 4),
        "objects_judged": len(tally.answers),
        "confidence_at_least_0.85": round(float(np.mean([c >= 0.85 for c in right])), 4) if right else None,
    }


def calibration_error(answers: list[tuple[float, bool]]) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over ten bins, weighted by their size."""
    if not answers:
        return 0.0
    confidence, right = np.array(answers, float).T
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(confidence[bins == number].mean() - right[bins == number].mean()) * (bins == number).mean()
        for number in np.unique(bins)
    ]
    return float(sum(gaps))
