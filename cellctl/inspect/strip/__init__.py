"""Seeing a whole image at once: what its texture is like, and what class of surface that is."""

from cellctl.inspect.strip.features import STRIP_FEATURES, describe_image

__all__ = ["STRIP_FEATURES", "describe_image"]
