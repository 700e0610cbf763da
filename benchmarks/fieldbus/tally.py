"""What was tried, what came of it, and whether guard and model agree."""

from __future__ import annotations

from collections import Counter

from benchmarks.fieldbus.row import Row


class Tally:
    """What a shift has seen.

    Attributes:
        legal: proposals that the model allowed.
        hostile: proposals that it refused.
        kinds: of hostile ones, how often.
        rules: of the model that they broke first, how often.
        disagreed: (what was tried, the model's reason, the guard's reason), how often.
        wrong: blocks on the wire that the model does not allow.
        blocks: on the wire.
    """

    def __init__(self) -> None:
        self.legal = self.hostile = self.blocks = 0
        self.kinds: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.disagreed: Counter[tuple[str, str, str]] = Counter()
        self.wrong: list[str] = []

    def add(self, other: Tally) -> None:
        """Both together."""
        self.legal, self.hostile = self.legal + other.legal, self.hostile + other.hostile
        self.blocks += other.blocks
        self.kinds += other.kinds
        self.rules += other.rules
        self.disagreed += other.disagreed
        self.wrong += other.wrong

    def note(self, name: str, expected: str, found: str) -> None:
        """One proposal: what was tried, why the model refuses it and why the guard does; empty where it does not."""
        if expected:
            self.hostile += 1
            self.kinds[name] += 1
            self.rules[expected] += 1
        else:
            self.legal += 1
        if bool(expected) != bool(found):
            self.disagreed[name, expected, found] += 1


def judged(tally: Tally, where: str) -> Row:
    """What a tally says."""
    accepted = sum(times for (_, expected, _), times in tally.disagreed.items() if expected)
    refused = sum(times for (_, expected, _), times in tally.disagreed.items() if not expected)
    first = "".join(f"; {name}: model {it!r}, guard {guard!r}" for name, it, guard in list(tally.disagreed)[:3])
    return Row(
        f"{tally.hostile:,} hostile proposals ({len(tally.kinds)} kinds, against {len(tally.rules)} rules) among "
        f"{tally.legal:,} legal ones, {where}",
        tally.hostile + tally.legal, not tally.disagreed and not tally.wrong and bool(tally.blocks),
        f"{len(tally.wrong)} illegal of {tally.blocks:,} blocks on the wire, {accepted} hostile accepted, "
        f"{refused} legal refused{first}{'; ' + tally.wrong[0] if tally.wrong else ''}",
        peer="an independent model of the rules", peer_figure="judges every proposal and every block",
        asked="0 illegal on the wire, every legal one accepted",
    )  # fmt: skip
