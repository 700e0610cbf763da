"""What we ship to test plugins and drivers: conformance suites, harness, examples of messages, virtual clock.

`check_plugin`, `check_camera` and `check_waveform` say which rules of the sdk a plugin or a driver breaks; `Harness`
runs one plugin in memory; `example` and `bare_cell` make what a test does not want to spell out.
"""

from cellctl.testing.breaches import Breach, NotConforming
from cellctl.testing.camera_rules import CAMERA_RULES, check_camera
from cellctl.testing.clock import VirtualClock
from cellctl.testing.examples import bare_cell, example
from cellctl.testing.harness import Harness
from cellctl.testing.plugin_rules import PLUGIN_RULES, check_plugin
from cellctl.testing.waveform_rules import WAVEFORM_RULES, check_waveform

__all__ = [
    "CAMERA_RULES",
    "PLUGIN_RULES",
    "WAVEFORM_RULES",
    "Breach",
    "Harness",
    "NotConforming",
    "VirtualClock",
    "bare_cell",
    "check_camera",
    "check_plugin",
    "check_waveform",
    "example",
]
