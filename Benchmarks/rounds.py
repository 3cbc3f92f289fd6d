"""Ratios of two sides that took turns: one ratio a round, for one process is one sample."""

import math
import statistics


def interval(values):
    """A 95 % interval of the median by order statistics; the range where there are too few values."""
    values = sorted(values)
    count = len(values)
    tail, rank = 0.0, 0
    while rank < count // 2:
        tail += math.comb(count, rank) / 2**count
        if tail > 0.025:
            break
        rank += 1
    rank = max(rank - 1, 0)
    return values[rank], values[count - 1 - rank]


def spread(ratios):
    """The median of ratios with its interval and range, in words."""
    low, high = interval(ratios)
    return (
        f"{statistics.median(ratios):.4f} ({low:.4f}…{high:.4f}; "
        f"range {min(ratios):.4f}…{max(ratios):.4f}, {len(ratios)} rounds)")
