"""A plugin that a test installs: it tries everything that it must not do."""

import json
import socket

from cellctl.model import Frame
from cellctl.sdk import Input, Plugin, PluginSettings, on
from tests.system.attempts import ATTEMPTS, LOCAL, tried


class Harmful(Plugin):
    """Tries everything with its first frame and keeps quiet; with a later one it lets the error out."""

    class Settings(PluginSettings):
        """When it speaks up."""

        quiet: int = 0

    frames = Input(Frame)

    def start(self) -> None:
        """Nothing tried, nothing seen."""
        self.found = {}
        self.sums = []

    @on(frames)
    def see(self, frame):
        """Every frame's pixels are read, and files of the run are written."""
        self.found = self.found or tried(ATTEMPTS) | tried(LOCAL)
        with self.pixels(frame) as pixels:
            self.sums.append(int(pixels.sum()))
        if len(self.sums) > self.settings.quiet:
            (self.context.run_dir / "found.json").write_text(json.dumps([self.found, self.sums]))
            socket.create_connection(("127.0.0.1", 9)).close()
