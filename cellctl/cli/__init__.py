"""The command line: one file per command; other packages add commands by the entry point group `cellctl.commands`.

This file is read before anything is known of what the user wants, so it imports nothing.
"""

from __future__ import annotations

SUMMARY = "Closes the quality loop beside a production line, and proves that each correction helped."

COMMANDS: dict[str, dict[str, str]] = {
    "configure": {
        "new": "Write a first cell, plugin or camera driver.",
        "migrate": "Bring a cell file of an older version up to the newest.",
        "check": "Check a cell's configuration before it runs.",
        "retention": "Turn rate × days into disk: what is kept, and which n-th frame fits beside it.",
        "explain": "Explain an error code, or list all.",
        "doctor": "Look at this machine, and at the devices of a cell.",
        "schema": "Print the JSON Schema of a cell file, for editors.",
    },
    "run": {
        "run": "Run a cell until Ctrl-C, `cellctl stop`, or the end of its time.",
        "start": "Put a running cell into Execute.",
        "stop": "End a running cell in good order.",
    },
    "prove": {
        "verify": "Check the evidence of a run.",
        "report": "Write what happened in a run as one HTML file (or PDF), for people.",
        "shadow-report": "Say what the loops of a run would have done, and what became of the rates.",
        "times": "Measure the stages of a finished run, from exposure to the value in force.",
    },
    "people": {
        "answer": "Answer a question of a running cell.",
        "confirm": "Allow a move that waits for a person.",
        "changeover": "Announce another recipe or lot to a running cell.",
        "take-over": "Take a set-point out of the cell's hands.",
        "hand-back": "Give a set-point that was taken over back to the cell.",
        "reset": "Let a loop ask again after it tripped.",
    },
    "develop": {
        "plugins": "List the installed plugins: what a cell may write after `use:`.",
        "drivers": "List the installed drivers: what a cell may write after `driver:`.",
        "describe": "Say what a plugin or driver does, and what each of its settings means.",
        "complete": "Print the script by which a shell completes commands and options.",
        "train": "Train a classifier on a folder of images, one folder per class, or say how good one is on it.",
    },
}
"""Group → name → one line; the module of a command is loaded only when it is called."""
