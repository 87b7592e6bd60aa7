# SPDX-License-Identifier: Apache-2.0
"""The client's probes and the service they talk to: vipd-probe, run and read.

vipd-probe writes lines of JSON; a thread reads them as they come, so that a scene can look at
the last ones at any time. Times are CLOCK_MONOTONIC, as time.monotonic() is.
"""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from dataclasses import dataclass
from typing import Any, Callable

from . import deadline
from .namespace import Namespace
from .scratch import program

PORT = "7007"
SINK_PORT = "7008"
PING_RATE = 100
END_LIMIT_S = 10.0
START_LIMIT_S = 10.0

# A ping that has waited longer than this when the run ends is taken for a dead connection.
TCP_PATIENCE_MS = 1000.0


@dataclass(frozen=True)
class Sample:
    """Replies that came in the tenth of a second before `at`."""

    at: float
    replies: int


@dataclass(frozen=True)
class Losses:
    """What a UDP run has lost since some moment, and the longest outage since then."""

    outage_ms: float
    lost: int
    sent: int


class Reporter:
    """A running vipd-probe whose lines are collected."""

    def __init__(self, where: Namespace, *words: str) -> None:
        self.words = words
        self.lines: list[dict[str, Any]] = []
        self.child = subprocess.Popen(where.command(program("lab/vipd-probe"), *words),
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.lines.append(json.loads(line))

    def wait_for_line(self, what: str) -> None:
        """Wait until it has said something."""
        def spoke() -> bool:
            if self.child.poll() not in (None, 0):
                raise RuntimeError(f"vipd-probe {' '.join(self.words)} failed")
            return bool(self.lines)

        deadline.until(spoke, START_LIMIT_S, what)

    def stop(self) -> None:
        """End the run; the summary is then among the lines."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
        self.child.wait(END_LIMIT_S)
        self._reader.join(END_LIMIT_S)

    def last(self, key: str) -> dict[str, Any] | None:
        """The last line that has `key`."""
        return next((line for line in reversed(self.lines) if key in line), None)

    def summary(self) -> dict[str, Any]:
        """The summary, after the end of the run."""
        line = self.last("summary")
        if line is None:
            raise RuntimeError(f"vipd-probe {' '.join(self.words)} ended without a summary")
        found: dict[str, Any] = line["summary"]
        return found


class Echo(Reporter):
    """The service: answers UDP and TCP on one address of the server."""

    def __init__(self, where: Namespace, address: str) -> None:
        super().__init__(where, "echo", address, PORT)
        self.wait_for_line("the echo service is ready")


class Numbered(Reporter):
    """Numbered probes at a fixed rate, and which of them are missing."""

    def __init__(self, where: Namespace, mode: str, rate: int, *words: str) -> None:
        super().__init__(where, mode, "-r", str(rate), *words)
        self.rate = rate

    def samples(self) -> list[Sample]:
        """Replies for each tenth of a second so far."""
        return [Sample(line["at"], line["replies"]) for line in list(self.lines) if "at" in line]

    def losses(self, since: float) -> Losses:
        """What was lost after `since`; to be asked after the end of the run."""
        summary = self.summary()
        gaps = [line["gap"] for line in self.lines if "gap" in line]
        late = [gap for gap in gaps if gap["to"] > since]
        unanswered = summary["lost"] - sum(gap["lost"] for gap in gaps)
        return Losses(max(((gap["to"] - gap["from"]) * 1000 for gap in late), default=0.0),
                      sum(gap["lost"] for gap in late) + unanswered, summary["sent"])

    def flowing_since(self, moment: float) -> Callable[[], bool]:
        """A condition: a whole tenth of a second after `moment` had its replies."""
        enough = 0.9 * self.rate / 10

        def flowing() -> bool:
            line = self.last("at")
            return line is not None and line["at"] > moment + 0.1 and line["replies"] >= enough

        return flowing


class UdpProbe(Numbered):
    """A client that asks at a fixed rate and misses answers: both directions at once."""

    def __init__(self, where: Namespace, address: str, rate: int, source: str = "",
                 port: str = PORT) -> None:
        super().__init__(where, "udp", rate, *_from(source), address, port)


class Sink(Numbered):
    """The end of a way on which somebody sends numbered probes and gets no answer."""

    def __init__(self, where: Namespace, address: str, rate: int) -> None:
        super().__init__(where, "sink", rate, address, SINK_PORT)
        self.wait_for_line("the sink is ready")


class TcpProbe(Reporter):
    """One connection that is never opened again."""

    def __init__(self, where: Namespace, address: str, rate: int = PING_RATE,
                 source: str = "") -> None:
        super().__init__(where, "tcp", "-r", str(rate), *_from(source), address, PORT)
        self.wait_for_line("the connection is open")

    def flowing(self) -> bool:
        """Say whether the connection is answered at the moment."""
        line = self.last("at")
        return line is not None and line["waiting_ms"] < TCP_PATIENCE_MS / 10

    def survived(self) -> bool:
        """Say, after the end, whether the connection lives and is answered."""
        summary = self.summary()
        return summary["error"] == "" and summary["waiting_ms"] < TCP_PATIENCE_MS

    def stall_ms(self) -> float:
        """After the end: the longest that a ping has waited, also one that still does."""
        summary = self.summary()
        return max(summary["stall_ms"], summary["waiting_ms"])


def _from(source: str) -> tuple[str, ...]:
    return ("-s", source) if source else ()
