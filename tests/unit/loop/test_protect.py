"""Protected classes: the exact test and its counts."""

from __future__ import annotations

import pytest
from scipy.stats import binom, binomtest

from cellctl.loop.verify.protected_classes import HISTORY_M, ProtectedClasses, chance_of_at_least, got_worse


def test_exact_conditional_binomial_vector():
    """P(X ≤ 3 | 23, 30/70) is 0.0023338."""
    assert 1.0 - chance_of_at_least(4, 23, 30 / 70) == pytest.approx(0.0023338, abs=5e-8)


@pytest.mark.parametrize(("events", "trials", "share"), [(0, 5, 0.3), (3, 3, 0.1), (7, 40, 0.2), (30, 900, 0.05)])
def test_tail_agrees_with_scipy(events, trials, share):
    """The summed tail agrees with SciPy's."""
    assert chance_of_at_least(events, trials, share) == pytest.approx(binom.sf(events - 1, trials, share))


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ((0, 100.0), (0, 20.0), False),
        ((0, 100.0), (1, 20.0), False),  # p = 0.167
        ((0, 100.0), (2, 20.0), True),  # p = 0.028
        ((5, 100.0), (1, 20.0), False),
        ((5, 100.0), (5, 20.0), True),
        ((50, 100.0), (0, 20.0), False),
        ((0, 0.0), (9, 20.0), False),  # nothing to compare with
    ],
)
def test_worse_at_five_percent(before, after, worse):
    """Only an increase that chance explains in fewer than 5 % of the cases is an objection."""
    assert got_worse(before, after) is worse
    if before[1]:
        share = after[1] / (before[1] + after[1])
        total = before[0] + after[0]
        exact = binomtest(after[0], total, share, alternative="greater").pvalue if total else 1.0
        assert worse is bool(exact <= 0.05)


def test_the_risk_can_be_set():
    """A smaller risk objects later."""
    assert not got_worse((0, 100.0), (2, 20.0), risk=0.01)


def test_classes_are_judged_by_name():
    """The class that got worse is named; one that is not protected is not counted."""
    classes = ProtectedClasses(("streak", "bare_foil"))
    classes.advance(100.0)
    classes.see("streak")
    classes.see("agglomerate")
    classes.open()
    classes.add(10.0, ["bare_foil"] * 3 + ["agglomerate"] * 9)
    assert classes.worse() == ("bare_foil",)
    assert classes.counts() == {"streak": (1, 100.0, 0, 10.0), "bare_foil": (0, 100.0, 3, 10.0)}


def test_history_is_bounded():
    """Objects and metres older than the history are not compared with."""
    classes = ProtectedClasses(("streak",))
    classes.see("streak")
    classes.advance(HISTORY_M + 1.0)
    classes.see("streak")
    classes.open()
    assert classes.counts() == {"streak": (1, HISTORY_M, 0, 0.0)}


def test_thousands_of_objects_are_no_overflow():
    """Against the normal approximation: half of 4000 with an even share is as likely as not."""
    assert chance_of_at_least(2000, 4000, 0.5) == pytest.approx(0.506, abs=0.002)
