# SPDX-License-Identifier: Apache-2.0
"""When one build is worse than another: the arithmetic of the ledger, and its table.

Lower is better, whatever is measured: times, memory, packets that are lost. A figure is worse when all three hold:

    its median is more than a tenth above the other median,
    by more than the measurement itself can tell (the floor of its unit), and
    of all pairs of a new and an old value in at least four of five the new one is higher.

The third is what noise does not do: values that lie about mixed up may have medians far from each other. What looks
worse is measured again before anybody is told, and of what was measured once nothing is said.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from enum import Enum
from typing import Sequence

WORSE = 1.10
SURE = 0.8


@dataclass(frozen=True)
class Unit:
    """How a figure is shown, and which differences it cannot tell."""

    name: str
    floor: float
    digits: int = 1
    exact: bool = False


MS = Unit("ms", 1.0)
PACKETS = Unit("lost", 2.0, 0)
KB = Unit("kB", 128.0, 0)
SIZE = Unit("kB", 4.0, 0, exact=True)
NS = Unit("ns", 60.0, 0)
PERCENT = Unit("%", 0.05, 2)
TIMES = Unit("times", 0.5, 0)
# By the ends of their names; the rest are times in milliseconds.
UNITS = (("lost", PACKETS), ("flaps", TIMES), ("memory of the guard", KB), ("processor of the guard", PERCENT))
STARTS = (("scale: memory", KB), ("size:", SIZE), ("source:", NS))
# What has nothing of vipd in it and shows what the machine did meanwhile.
YARDSTICKS = ("scale: raw batch of the same routes", "source: connect() without it")


def unit_of(figure: str) -> Unit:
    """The unit of a figure, by its name."""
    return next((unit for end, unit in UNITS if figure.endswith(end)),
                next((unit for start, unit in STARTS if figure.startswith(start)), MS))


class Judgement(Enum):
    """What is said of a figure."""

    SAME = ""
    BETTER = "better"
    NOISE = "noise: the values are mixed up"
    WORSE = "WORSE"
    ONCE = "looks worse, but was measured once"
    MISSING = "FAILED"
    NEW = "not measured before"
    YARDSTICK = "yardstick"


@dataclass
class Figure:
    """The values of one figure with the old and with the new build."""

    name: str
    old: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)

    def ratio(self) -> float:
        """The new median to the old one; of nothing to nothing it is one."""
        old, new = statistics.median(self.old), statistics.median(self.new)
        if old == 0:
            return 1.0 if new == 0 else math.inf
        return new / old

    def judge(self) -> Judgement:
        """Whether the new one is worse."""
        if self.name in YARDSTICKS:
            return Judgement.YARDSTICK
        if not self.new:
            return Judgement.MISSING
        if not self.old:
            return Judgement.NEW
        if self._above(self.new, self.old):
            if self._once() and not unit_of(self.name).exact:
                return Judgement.ONCE
            return Judgement.WORSE if higher(self.new, self.old) >= SURE else Judgement.NOISE
        if self._above(self.old, self.new) and not self._once() and higher(self.old, self.new) >= SURE:
            return Judgement.BETTER
        return Judgement.SAME

    def _once(self) -> bool:
        return min(len(self.new), len(self.old)) == 1

    def _above(self, some: Sequence[float], others: Sequence[float]) -> bool:
        high, low = statistics.median(some), statistics.median(others)
        return high > low * WORSE and high - low > unit_of(self.name).floor


def higher(some: Sequence[float], others: Sequence[float]) -> float:
    """The share of all pairs in which the one is higher; of equals half."""
    won = sum((one > other) + (one == other) / 2 for one in some for other in others)
    return won / (len(some) * len(others))


class Ledger:
    """All figures, in the order in which they came."""

    def __init__(self) -> None:
        self.figures: dict[str, Figure] = {}

    def enter(self, is_new: bool, values: dict[str, list[float]]) -> None:
        """Take what a sample has measured."""
        for name, some in values.items():
            figure = self.figures.setdefault(name, Figure(name))
            (figure.new if is_new else figure.old).extend(some)

    def judged(self, *wanted: Judgement) -> list[Figure]:
        """The figures of which one of these is said."""
        return [figure for figure in self.figures.values() if figure.judge() in wanted]

    def rows(self) -> list[tuple[str, ...]]:
        """The table, without its head."""
        return [(figure.name, _middle(figure.name, figure.old), _middle(figure.name, figure.new),
                 f"{figure.ratio():.2f} x" if figure.old and figure.new and math.isfinite(figure.ratio()) else "-",
                 f"{len(figure.old)}/{len(figure.new)}", figure.judge().value)
                for figure in self.figures.values()]

    def plain(self) -> list[dict[str, object]]:
        """The same for a program."""
        return [{"figure": figure.name, "unit": unit_of(figure.name).name, "old": figure.old, "new": figure.new,
                 "judgement": figure.judge().name.lower()} for figure in self.figures.values()]


def _middle(name: str, values: Sequence[float]) -> str:
    if not values:
        return "-"
    unit = unit_of(name)
    return f"{statistics.median(values):.{unit.digits}f} {unit.name}"
