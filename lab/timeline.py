# SPDX-License-Identifier: Apache-2.0
"""The picture of a demo: replies per second over time, one row a scene, failures aligned.

The SVG needs nothing else: no script, no font, no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence
from xml.sax.saxutils import escape

from .probe import Sample

WIDTH = 960
LEFT, RIGHT = 70, 30
ROW_HEIGHT, PLOT_HEIGHT, HEAD = 206, 110, 50
BEFORE_S, AFTER_S = 2.0, 5.0
BUCKET_S = 0.1


@dataclass(frozen=True)
class Row:
    """One scene: what it is, what became of it, and its replies around the failure."""

    title: str
    verdict: str
    good: bool
    failed_at: float
    samples: Sequence[Sample]


def _x(seconds: float) -> float:
    share = (seconds + BEFORE_S) / (BEFORE_S + AFTER_S)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(text)}</text>'


def _bars(row: Row, bottom: float, rate: int) -> list[str]:
    colour = "#2a7d4f" if row.good else "#7d8794"
    width = _x(BUCKET_S) - _x(0) - 0.6
    bars = []
    for sample in row.samples:
        begin = sample.at - BUCKET_S - row.failed_at
        if not -BEFORE_S <= begin < AFTER_S or sample.replies == 0:
            continue
        height = min(1.0, sample.replies * 10 / rate) * PLOT_HEIGHT
        bars.append(f'<rect x="{_x(begin):.1f}" y="{bottom - height:.1f}" width="{width:.1f}" '
                    f'height="{height:.1f}" fill="{colour}"/>')
    return bars


def _axis(bottom: float, rate: int) -> list[str]:
    end = WIDTH - RIGHT
    parts = [f'<line x1="{LEFT}" y1="{bottom}" x2="{end}" y2="{bottom}" stroke="#333"/>',
             _text(LEFT - 8, bottom + 4, "0", 'text-anchor="end"'),
             _text(LEFT - 8, bottom - PLOT_HEIGHT + 4, f"{rate}/s", 'text-anchor="end"')]
    for second in range(-int(BEFORE_S), int(AFTER_S) + 1):
        parts.append(f'<line x1="{_x(second):.1f}" y1="{bottom}" x2="{_x(second):.1f}" '
                     f'y2="{bottom + 4}" stroke="#333"/>')
        parts.append(_text(_x(second), bottom + 17, f"{second:+d} s" if second else "0",
                           'text-anchor="middle"'))
    return parts


def _row(row: Row, top: float, rate: int) -> list[str]:
    bottom = top + 46 + PLOT_HEIGHT
    colour = "#2a7d4f" if row.good else "#b3261e"
    return [
        _text(LEFT, top + 14, row.title, 'font-weight="bold"'),
        _text(WIDTH - RIGHT, top + 14, row.verdict, f'text-anchor="end" fill="{colour}"'),
        *_bars(row, bottom, rate),
        *_axis(bottom, rate),
        f'<line x1="{_x(0):.1f}" y1="{top + 24}" x2="{_x(0):.1f}" y2="{bottom}" '
        'stroke="#b3261e" stroke-width="1.5" stroke-dasharray="4 3"/>',
        _text(_x(0) + 5, top + 36, "NIC eth1 of the server fails", 'fill="#b3261e"'),
    ]


def draw(rows: Sequence[Row], rate: int) -> str:
    """The whole picture as SVG text."""
    height = HEAD + ROW_HEIGHT * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12" role="img">',
        "<title>Replies per second at the client before and after a NIC of the server fails"
        "</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 28, "Replies per second at the client", 'font-size="16"'),
    ]
    for number, row in enumerate(rows):
        parts += _row(row, HEAD + ROW_HEIGHT * number, rate)
    return "\n".join([*parts, "</svg>", ""])
