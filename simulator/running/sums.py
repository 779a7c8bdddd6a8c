"""Add up the sums of blocks along a fixed binary tree, so that who adds which blocks changes no bit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Node = tuple[int, int]
"""Level and index: the blocks index 2^level … (index + 1) 2^level - 1."""


class Forest:
    """Sums of blocks, folded as far as whole subtrees are there.

    Parameters
    ----------
    shape
        Of the sums of one block, such as (statistic, 64).

    Attributes
    ----------
    nodes
        (level, index) -> sums of its blocks; no two of them are siblings.

    Notes
    -----
    A node is the sum of its two children, left + right, whatever the order in which they came (IEEE addition
    commutes), and what is left in the end is folded from the right: pairwise summation. So the result depends on
    the blocks alone. n blocks in a row need about 2 log2 n arrays, half of that when they come in order.

    References
    ----------
    Higham, N. J. (1993). The accuracy of floating point summation. SIAM J. Sci. Comput. 14, 783-799.
    doi:10.1137/0914050
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.nodes: dict[Node, np.ndarray] = {}
        self._spare: list[np.ndarray] = []

    def zeros(self) -> np.ndarray:
        """Give an array of zeros for the sums of a block, one that has been folded away where there is one."""
        if not self._spare:
            return np.zeros(self.shape)
        found = self._spare.pop()
        found[...] = 0.0
        return found

    def add(self, level: int, index: int, sums: np.ndarray) -> None:
        """Add a node and fold it with its sibling, and so on up; the array is taken over."""
        while (sibling := self.nodes.pop((level, index ^ 1), None)) is not None:
            sibling += sums
            self._spare.append(sums)
            sums = sibling
            level, index = level + 1, index >> 1
        self.nodes[level, index] = sums

    def absorb(self, nodes: Mapping[Node, np.ndarray]) -> None:
        """Add the nodes of another forest, which stays as it is."""
        for (level, index), sums in nodes.items():
            self.add(level, index, sums.copy())

    def total(self) -> np.ndarray:
        """Fold what is there into one array, from the rightmost node, the smallest of blocks in a row."""
        total = np.zeros(self.shape)
        for level, index in sorted(self.nodes, key=lambda node: node[1] << node[0], reverse=True):
            np.add(self.nodes[level, index], total, out=total)
        return total
