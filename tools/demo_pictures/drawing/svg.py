"""A sheet of 640 x 640 units on which a silhouette is drawn, written out as SVG.

Colours are `#rrggbb`, and in gradients `#rrggbb/opacity@offset`, where both parts
may be left out: `"#ffffff/.4@.25"` is a 40 % white at a quarter of the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

SIZE = 640

Point = tuple[float, float]


class Drawing:
    """Collects elements in painting order; gradients and clips are defined once and named."""

    def __init__(self) -> None:
        self._definitions: dict[str, str] = {}
        self._elements: list[str] = []

    def svg(self) -> str:
        definitions = "".join(
            body.replace("ID", name, 1) for body, name in self._definitions.items()
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" '
            f'width="{SIZE}" height="{SIZE}"><defs>{definitions}</defs>'
            f"{''.join(self._elements)}</svg>"
        )

    def linear(self, *stops: str, angle: float = 90) -> str:
        """A paint that runs across the shape; 0 is left to right, 90 top to bottom."""
        dx, dy = math.cos(math.radians(angle)) / 2, math.sin(math.radians(angle)) / 2
        ends = f'x1="{0.5 - dx:.3f}" y1="{0.5 - dy:.3f}" x2="{0.5 + dx:.3f}" y2="{0.5 + dy:.3f}"'
        return self._define(f'<linearGradient id="ID" {ends}>{_stops(stops)}</linearGradient>')

    def radial(self, *stops: str, at: Point = (0.5, 0.5), radius: float = 0.5) -> str:
        centre = f'cx="{at[0]}" cy="{at[1]}" r="{radius}"'
        return self._define(f'<radialGradient id="ID" {centre}>{_stops(stops)}</radialGradient>')

    def rect(
        self, x: float, y: float, w: float, h: float, r: float = 0, fill: str = "none", **more: str
    ) -> None:
        place = f'x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{r:.1f}"'
        self._elements.append(f'<rect {place} fill="{fill}"{_attributes(more)}/>')

    def ellipse(
        self, cx: float, cy: float, rx: float, ry: float, fill: str = "none", **more: str
    ) -> None:
        place = f'cx="{cx:.1f}" cy="{cy:.1f}" rx="{rx:.1f}" ry="{ry:.1f}"'
        self._elements.append(f'<ellipse {place} fill="{fill}"{_attributes(more)}/>')

    def circle(self, cx: float, cy: float, r: float, fill: str = "none", **more: str) -> None:
        self.ellipse(cx, cy, r, r, fill, **more)

    def path(self, d: str, fill: str = "none", **more: str) -> None:
        self._elements.append(f'<path d="{d}" fill="{fill}"{_attributes(more)}/>')

    def line(self, d: str, stroke: str, width: float = 2, **more: str) -> None:
        ends = {"stroke_linecap": "round", "stroke_linejoin": "round"}
        self.path(d, stroke=stroke, stroke_width=f"{width:.1f}", **(ends | more))

    def polygon(self, points: Sequence[Point], fill: str, **more: str) -> None:
        self.path("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z", fill, **more)

    @contextmanager
    def group(self, transform: str = "", clip: str = "", opacity: float = 1) -> Iterator[None]:
        """Elements added inside share a transform, an opacity, and a clip given as path data."""
        more = {"transform": transform} if transform else {}
        if opacity < 1:
            more["opacity"] = f"{opacity:.2f}"
        self._elements.append(f"<g{_attributes(more)}>")
        if clip:
            paint = self._define(f'<clipPath id="ID"><path d="{clip}"/></clipPath>')
            self._elements.append(f'<g clip-path="{paint}">')
        yield
        self._elements.append("</g></g>" if clip else "</g>")

    def floor(self, cx: float, cy: float, rx: float, ry: float = 0, depth: float = 0.42) -> None:
        """The soft shadow that every silhouette stands on."""
        paint = self.radial(f"#05070d/{depth}", f"#05070d/{depth * 0.55:.3f}@.45", "#05070d/0")
        self.ellipse(cx, cy, rx, ry or rx * 0.1, paint)

    def _define(self, body: str) -> str:
        name = self._definitions.setdefault(body, f"d{len(self._definitions)}")
        return f"url(#{name})"


def box(x: float, y: float, w: float, h: float, r: float) -> str:
    """Path data of a rounded rectangle, for clips."""
    return (
        f"M{x + r},{y}h{w - 2 * r}a{r},{r} 0 0 1 {r},{r}v{h - 2 * r}a{r},{r} 0 0 1 -{r},{r}"
        f"h-{w - 2 * r}a{r},{r} 0 0 1 -{r},-{r}v-{h - 2 * r}a{r},{r} 0 0 1 {r},-{r}z"
    )


def _stops(stops: Sequence[str]) -> str:
    drawn = []
    for position, stop in enumerate(stops):
        colour, _, offset = stop.partition("@")
        colour, _, opacity = colour.partition("/")
        where = float(offset) if offset else position / max(1, len(stops) - 1)
        faded = f' stop-opacity="{opacity}"' if opacity else ""
        drawn.append(f'<stop offset="{where:.3f}" stop-color="{colour}"{faded}/>')
    return "".join(drawn)


def _attributes(more: dict[str, str]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
