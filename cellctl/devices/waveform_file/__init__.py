"""Recordings in place of a sensor."""

from cellctl.devices.waveform_file.driver import WaveformFile

__all__ = ["WaveformFile"]
