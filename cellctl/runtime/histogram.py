"""A latency histogram with fixed memory: 16 buckets per power of two, so 6 % resolution from 1 µs to hours."""

from __future__ import annotations

import msgspec

SUB = 16
BUCKETS = 44 * SUB


class Summary(msgspec.Struct, frozen=True):
    """Percentiles of a histogram, ms (upper bucket edges; `max` is exact)."""

    n: int
    p50: float
    p99: float
    p999: float
    max: float


class Histogram:
    """Adding costs one bit_length and two list operations."""

    def __init__(self) -> None:
        self._counts = [0] * BUCKETS
        self.n = 0
        self.max_ns = 0

    def add(self, duration_ns: int) -> None:
        """Count one duration; negative ones (clock of another core) count as zero."""
        value = max(0, duration_ns)
        self.max_ns = max(self.max_ns, value)
        self._counts[_bucket(value)] += 1
        self.n += 1

    def quantile_ms(self, q: float) -> float:
        """Upper edge of the bucket that holds the q-quantile, ms; 0 when empty, never above the maximum."""
        rank, seen = q * self.n, 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= rank:
                return min(_upper_ns(bucket), self.max_ns) / 1e6
        return 0.0

    def summary(self) -> Summary:
        """The percentiles that every report shows."""
        return Summary(
            self.n, self.quantile_ms(0.5), self.quantile_ms(0.99), self.quantile_ms(0.999), self.max_ns / 1e6
        )


def _bucket(value_ns: int) -> int:
    """Values below 16 have a bucket each; above, the top five bits choose it."""
    if value_ns < SUB:
        return value_ns
    shift = value_ns.bit_length() - 5
    return min((shift + 1) * SUB + (value_ns >> shift) - SUB, BUCKETS - 1)


def _upper_ns(bucket: int) -> int:
    if bucket < SUB:
        return bucket
    shift, offset = bucket // SUB - 1, bucket % SUB
    return ((SUB + offset + 1) << shift) - 1
