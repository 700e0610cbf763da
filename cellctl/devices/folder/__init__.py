"""A folder of images in place of a camera."""

from cellctl.devices.folder.driver import FolderCamera

__all__ = ["FolderCamera"]
