"""Seeing a whole image at once: what its texture is like, and what class of surface that is.

`judge` stands above the classifier, which knows the names of these features; it is imported from there.
"""

from cellctl.inspect.strip.features import STRIP_FEATURES, describe_image

__all__ = ["STRIP_FEATURES", "describe_image"]
