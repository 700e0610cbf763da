"""Seeing: from pixels to classified objects on the web."""

from cellctl.inspect.candidates import CandidateFinder, Candidates, PatchLayout
from cellctl.inspect.classifier import Classifier, load_classifier
from cellctl.inspect.eye import Eye, Sight
from cellctl.inspect.features import FEATURES
from cellctl.inspect.model_card import ImageSize, ModelCard, card_path, read_card
from cellctl.inspect.parts import make_parts
from cellctl.inspect.rules import Pitch, Rules
from cellctl.inspect.track import Part, Track
from cellctl.inspect.tracker import Tracker

__all__ = [
    "FEATURES",
    "CandidateFinder",
    "Candidates",
    "Classifier",
    "Eye",
    "ImageSize",
    "ModelCard",
    "Part",
    "PatchLayout",
    "Pitch",
    "Rules",
    "Sight",
    "Track",
    "Tracker",
    "card_path",
    "load_classifier",
    "make_parts",
    "read_card",
]
