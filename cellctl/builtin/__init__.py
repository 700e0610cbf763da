"""The plugins that ship: thin, settings, ports and handlers; and the models that come with them."""

from __future__ import annotations

from pathlib import Path

MODELS = Path(__file__).parent / "models"
"""Classifiers that ship, each with its card; a recipe names one as `cellctl:NAME`."""
