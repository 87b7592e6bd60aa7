# SPDX-License-Identifier: Apache-2.0
"""What the commands have been told, and so what must be true.

A command that says that it is done has made a promise. One that fails or is cut short has made
none: what it spoke of is `EITHER` until the daemon has been looked at, and holds from then on.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Iterable

ANCHOR = "10.9.1.1"
FILE_POOL = tuple(f"10.9.1.{last}" for last in range(2, 6)) + ("2001:db8:9:1::2",)
HAND_POOL = (tuple(f"10.9.2.{last}" for last in range(1, 8))
             + tuple(f"2001:db8:9:2::{last}" for last in range(1, 4)))


class Fate(enum.Enum):
    """What must be true of a VIP."""

    ABSENT = "absent"
    BOUND = "bound"
    DRAINED = "drained"
    EITHER = "either"


@dataclass
class Model:
    """Every VIP of the two pools with its fate. The anchor is in the file and always bound."""

    in_file: list[str] = field(default_factory=lambda: [ANCHOR])
    fates: dict[str, Fate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for address in (*FILE_POOL, *HAND_POOL):
            self.fates[address] = Fate.ABSENT
        self.fates[ANCHOR] = Fate.BOUND

    def set(self, addresses: Iterable[str], fate: Fate) -> None:
        """From now on that is true of all these."""
        for address in addresses:
            self.fates[address] = fate

    def having(self, *fates: Fate) -> list[str]:
        """All VIPs of one of the fates, in a stable order."""
        return [address for address, fate in self.fates.items() if fate in fates]

    def of_hand(self, *fates: Fate) -> list[str]:
        """The same of those that commands bind."""
        return [address for address in self.having(*fates) if address in HAND_POOL]

    def doubt(self, addresses: Iterable[str]) -> None:
        """Nothing was promised of these. Nobody ever touches the anchor."""
        self.set((each for each in addresses if each != ANCHOR), Fate.EITHER)

    def write_file(self, addresses: Iterable[str]) -> None:
        """The file names these and the anchor, and has been applied."""
        gone = set(self.in_file)
        self.in_file = [ANCHOR, *addresses]
        self.set(gone - set(self.in_file), Fate.ABSENT)
        self.set((each for each in self.in_file if self.fates[each] is not Fate.DRAINED),
                 Fate.BOUND)

    def apply_again(self) -> None:
        """The same file has been applied: what a hand has unbound of it is bound again."""
        self.write_file(self.in_file[1:])

    def learn(self, listed: dict[str, bool]) -> None:
        """What the daemon lists, and whether it is drained: that settles what was open."""
        for address in self.having(Fate.EITHER):
            if address not in listed:
                self.fates[address] = Fate.ABSENT
            else:
                self.fates[address] = Fate.DRAINED if listed[address] else Fate.BOUND
