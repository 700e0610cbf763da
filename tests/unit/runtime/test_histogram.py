"""The latency histogram is exact to its stated resolution."""

from hypothesis import given
from hypothesis import strategies as st

from cellctl.runtime.histogram import Histogram


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=200), st.sampled_from([0.5, 0.99, 0.999]))
def test_quantiles_are_within_one_bucket(values, q):
    """The answer is never below the true quantile and at most 1/16 above it."""
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    rank = max(1, -(-len(values) * q // 1))
    true = sorted(values)[int(rank) - 1]
    assert true <= histogram.quantile_ms(q) * 1e6 * (1.0 + 1e-12)
    assert histogram.quantile_ms(q) * 1e6 <= true * (1 + 1 / 16) + 1 + 1e-6


def test_the_maximum_is_exact():
    """No rounding where it matters most."""
    histogram = Histogram()
    for value in (3, 1_234_567, 5):
        histogram.add(value)
    assert histogram.summary().max == 1.234567
    assert histogram.summary().n == 3


def test_empty_is_zero():
    """Nothing measured, nothing claimed."""
    assert Histogram().summary().p99 == 0.0
