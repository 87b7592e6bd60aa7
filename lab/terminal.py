# SPDX-License-Identifier: Apache-2.0
"""How a run looks in a terminal.

On a terminal the network is drawn with the part that has failed, and redrawn ten times a second
above a line of replies. Anywhere else, a log file for example, it is drawn when something
changes and one plain line is written for each second.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Sequence, TextIO

from .probe import Sample

NETWORK = """\
    client
      |
   ---+--------+---------------------+---   client LAN 10.0.0.0/24
               |                     |
           Router 1              Router 2   {routers}
               |                     |
   LAN A ---+--+---              ----+--+--- LAN B
            |                           |
           eth1 {mark_a}                     eth2
            +--------- server ----------+
{address:^53}"""

RED, GREEN, BOLD, DIM = "31", "32", "1", "2"
SPARKS = "▁▂▃▄▅▆▇█"
PLAIN_SPARKS = "_.-=+*##"
SPARK_WIDTH = 60
PLAIN_INTERVAL_S = 1.0


def sparkline(values: Sequence[int], top: int, sparks: str = SPARKS) -> str:
    """A line of bars, one a value."""
    if top <= 0:
        return ""
    last = len(sparks) - 1
    return "".join(" " if value == 0 else sparks[min(last, value * last // top)]
                   for value in values)


class Screen:
    """Where the demo is shown."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self.stream = stream
        self.live = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.colour = self.live and "NO_COLOR" not in os.environ
        encoding = (stream.encoding or "ascii").lower()
        self.sparks = SPARKS if encoding.startswith("utf") else PLAIN_SPARKS
        self.drawn_lines = 0
        self.plain_due = 0.0

    def paint(self, text: str, code: str) -> str:
        """Colour a text where that is wanted."""
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def say(self, text: str = "") -> None:
        """Write a line that stays."""
        print(text, file=self.stream, flush=True)

    def title(self, text: str) -> None:
        """Begin a scene."""
        self.say()
        self.say(self.paint(text, BOLD))
        self.drawn_lines = 0

    def network(self, routers: str, address: str, failed: bool) -> list[str]:
        """The drawing, with a mark at the interface that has failed."""
        text = NETWORK.format(routers=routers, address=address,
                              mark_a="X" if failed else " ")
        if failed:
            text = text.replace("eth1 X", self.paint("eth1 X", RED))
        return text.splitlines()

    def update(self, drawing: list[str], note: str, samples: Sequence[Sample], rate: int) -> None:
        """Show the state of the moment."""
        if not self.live:
            self._update_plain(note, samples, rate)
            return
        lines = [*drawing, "", f"   {note}", f"   {self._replies(samples, rate)}"]
        if self.drawn_lines:
            self.stream.write(f"\033[{self.drawn_lines}A")
        self.stream.write("".join(f"\033[2K{line}\n" for line in lines))
        self.stream.flush()
        self.drawn_lines = len(lines)

    def changed(self, drawing: list[str]) -> None:
        """Draw the network once where nothing can be redrawn."""
        if not self.live:
            self.say("\n".join(drawing))
            self.plain_due = 0.0

    def _update_plain(self, note: str, samples: Sequence[Sample], rate: int) -> None:
        now = time.monotonic()
        if now < self.plain_due or not samples:
            return
        self.plain_due = now + PLAIN_INTERVAL_S
        self.say(f"   {self._replies(samples[-10:], rate)}  {note}")

    def _replies(self, samples: Sequence[Sample], rate: int) -> str:
        recent = [sample.replies for sample in samples[-SPARK_WIDTH:]]
        bars = sparkline(recent, rate // 10, self.sparks)
        current = recent[-1] * 10 if recent else 0
        text = f"{current:5d} replies/s"
        text = self.paint(text, GREEN if current > rate // 2 else RED)
        return f"{text} {bars}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text in aligned columns; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(f"   {line}" for line in lines)
