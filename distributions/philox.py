"""Generate random words that are a pure function of a counter and a key: Philox4x32-10."""

from __future__ import annotations

from distributions.jit import atom

__all__ = ["MASK32", "ROUNDS", "philox4x32"]

ROUNDS = 10
MASK32 = 0xFFFFFFFF

_MULTIPLIER_0 = 0xD2511F53
_MULTIPLIER_1 = 0xCD9E8D57
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85


@atom
def philox4x32(counter0, counter1, counter2, counter3, key0, key1):
    """Turn a 128-bit counter and a 64-bit key into four random words.

    Parameters
    ----------
    counter0, counter1, counter2, counter3
        Words of the counter, int64, of which the low 32 bits count.
    key0, key1
        Words of the key, int64, of which the low 32 bits count.

    Returns
    -------
    word0, word1, word2, word3
        int64 in [0, 2^32).

    Notes
    -----
    Words travel as int64: a product of two 32-bit words wraps in 64 bits and the mask takes its halves
    apart, which the compiler turns into one widening multiplication a lane. Arguments of type uint32 halve
    the speed, and int64 mixed with uint64 would become float64.

    References
    ----------
    Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC11,
    doi:10.1145/2063384.2063405.
    """
    # Known to lie below 2^32, the operands of the first rounds take the short multiplication too.
    counter0, counter1 = counter0 & MASK32, counter1 & MASK32
    counter2, counter3 = counter2 & MASK32, counter3 & MASK32
    key0, key1 = key0 & MASK32, key1 & MASK32
    for _ in range(ROUNDS):
        product0 = counter0 * _MULTIPLIER_0
        product1 = counter2 * _MULTIPLIER_1
        counter0 = ((product1 >> 32) & MASK32) ^ counter1 ^ key0
        counter1 = product1 & MASK32
        counter2 = ((product0 >> 32) & MASK32) ^ counter3 ^ key1
        counter3 = product0 & MASK32
        key0 = (key0 + _WEYL_0) & MASK32
        key1 = (key1 + _WEYL_1) & MASK32
    return counter0, counter1, counter2, counter3
