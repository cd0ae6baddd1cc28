"""The figures of a run: printed as they come, and rows of Markdown for docs/performance.md."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->"


class Report:
    def __init__(self) -> None:
        self._rows: list[str] = []

    def heading(self, text: str) -> None:
        print(f"\n{text}", flush=True)
        self._rows.append(f"| **{text}** | | | |")

    def note(self, text: str) -> None:
        """Print what no later run is held against."""
        print(f"  {text}", flush=True)

    def figure(
        self,
        what: str,
        value: float,
        unit: str = "",
        *,
        at_least: float | None = None,
        at_most: float | None = None,
        note: str = "",
    ) -> None:
        """A figure, its aim if any, and what it is made of. Nothing fails when it is missed."""
        aim, is_met = "", True
        if at_least is not None:
            aim, is_met = f"at least {at_least:g}", value >= at_least
        elif at_most is not None:
            aim, is_met = f"at most {at_most:g}", value <= at_most
        shown, short = f"{_digits(value)} {unit}".rstrip(), "" if is_met else ": SHORT"
        tail = "".join((f"  (aim {aim}{short})" if aim else "", f"  {note}" if note else ""))
        print(f"  {what:<46}{_digits(value):>8} {unit}{tail}", flush=True)
        self._rows.append(f"| {what} | {shown} | {aim}{short} | {note} |")

    def markdown(self) -> str:
        return "\n".join(
            ("| what | figure | aim | made of |", "|---|---|---|---|", *self._rows, "")
        )

    def write(self, machine: str) -> None:
        """Put the rows into docs/performance.md, in place of those of the run before."""
        before, _, rest = PAGE.read_text().partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}{machine}\n\n{self.markdown()}\n{END}{after}")


def _digits(value: float) -> str:
    """Two behind the point for a ratio, none for a count or a thousand."""
    if value == int(value):
        return f"{value:.0f}"
    return f"{value:.{2 if value < 10 else 1 if value < 1000 else 0}f}"
