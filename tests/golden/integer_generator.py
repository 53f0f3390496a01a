"""Numbers that Python and C++ agree on to the bit: the twin of tests/support/integer_generator.h.

A stream is known by its name. Its k-th 64 bits are splitmix64's (Steele, Lea, Flood 2014, "Fast splittable pseudorandom
number generators") at position k + 1 from the FNV-1a hash of the name, so that every number can be had alone.
"""

import math

import numpy as np

_MASK = (1 << 64) - 1


def _fnv1a(text: str) -> int:
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & _MASK
    return value


class IntegerGenerator:
    """The stream of that name."""

    def __init__(self, stream: str) -> None:
        self._key = np.uint64(_fnv1a(stream))

    def bits(self, count: int) -> np.ndarray:
        """Values 0 to count - 1, uint64."""
        z = self._key + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    def uniform(self, *shape: int) -> np.ndarray:
        """The upper 24 bits of each value, over 2^23, less one: in [-1, 1), exact in float32. Row-major; float64."""
        upper = (self.bits(math.prod(shape)) >> np.uint64(40)).astype(np.float64)
        return (upper / 2.0**23 - 1.0).reshape(shape)

    def integers(self, bounds: np.ndarray) -> np.ndarray:
        """Value k, its upper 32 bits, scaled to 0 .. bounds[k] - 1 (bounds up to 2^32); int64."""
        upper = self.bits(len(bounds)) >> np.uint64(32)
        return ((upper * bounds.astype(np.uint64)) >> np.uint64(32)).astype(np.int64)

    def positions(self, count: int, bound: int) -> np.ndarray:
        """count integers of 0 .. bound - 1, repetitions allowed."""
        return self.integers(np.full(count, bound))

    def permutation(self, count: int) -> np.ndarray:
        """0 .. count - 1 in a new order: swap place i, from the last to 1, with integer k = count - 1 - i of 0 .. i."""
        chosen = self.integers(np.arange(count, 1, -1))
        order = list(range(count))
        for place, other in zip(range(count - 1, 0, -1), chosen.tolist()):
            order[place], order[other] = order[other], order[place]
        return np.array(order, dtype=np.int64)
