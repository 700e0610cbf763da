"""`cellctl complete`: the script by which a shell completes commands and options."""

from __future__ import annotations

import sys
from typing import Literal


def complete(shell: Literal["bash", "zsh", "fish"]) -> None:
    """Print the script by which a shell completes commands, options and files; run it again after an update.

    Example: `cellctl complete bash > ~/.local/share/bash-completion/completions/cellctl`

    For zsh: `cellctl complete zsh > ~/.zfunc/_cellctl`, with that folder in fpath. For fish:
    `cellctl complete fish > ~/.config/fish/completions/cellctl.fish`. A new terminal knows it.

    Args:
        shell: whose script.
    """
    from cellctl.cli.app import make_app  # noqa: PLC0415  # the list of commands names this one

    sys.stdout.write(make_app().generate_completion(shell=shell).rstrip() + "\n")
