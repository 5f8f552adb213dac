"""Bytes to a tree of components, whatever is wrong with them. Nothing here knows what a property means.

A BEGIN without its END, an END without its BEGIN, a VEVENT inside a VEVENT and lines that are no content lines are
repaired or left out, each with a Problem; one bad component never takes its neighbours with it.
"""

from __future__ import annotations

from dataclasses import field

from core.calendar.event import Problem
from core.ical.lines import LineError, parse_line, text_of, unfold_bytes
from core.language import _
from core.values import dataclass

TOP = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})
"""Components that stand in a calendar and never in one another."""

_DEEPEST = 8
_MOST_PROBLEMS = 200


@dataclass(slots=True)
class Line:
    """A content line: where it begins, as it came, and in parts. `value` is still escaped."""

    number: int
    text: str
    name: str
    params: dict[str, list[str]]
    value: str

    def param(self, name: str) -> str:
        """The first value of a parameter, empty if there is none."""
        values = self.params.get(name)
        return values[0] if values else ""


@dataclass(slots=True)
class Component:
    """BEGIN to END. `number` is the line of its BEGIN."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        """The first property of that name."""
        return next((line for line in self.lines if line.name == name), None)

    def texts(self) -> list[str]:
        """All content lines from BEGIN to END, unfolded."""
        inside = [line.text for line in self.lines]
        for child in self.children:
            inside.extend(child.texts())
        return [f"BEGIN:{self.name}", *inside, f"END:{self.name}"]


class Problems:
    """Collects what was repaired or refused; a broken file is described, not retold."""

    __slots__ = ("dropped", "found")

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.dropped = 0

    def add(self, what: str, line: int = 0, uid: str = "", *, repaired: bool = True) -> None:
        """Note a problem; the same one is kept once, and no more than a few hundred in all."""
        problem = Problem(what, line, uid, repaired)
        if len(self.found) >= _MOST_PROBLEMS and repaired:
            self.dropped += 1
        elif problem not in self.found[-3:]:
            self.found.append(problem)

    def all(self) -> tuple[Problem, ...]:
        """In the order of lines."""
        more = [Problem(_("… and {count} more of this kind").format(count=self.dropped))] if self.dropped else []
        return (*sorted(self.found, key=lambda problem: problem.line), *more)


def read_components(data: bytes, problems: Problems) -> list[Component]:
    """The components that stand outside of any other one, in order; a bare VEVENT among them."""
    reader = _Reader(problems)
    for number, raw in unfold_bytes(data):
        text, clean = text_of(raw)
        if not clean:
            problems.add(_("this line is not UTF-8; it was read as Windows-1252"), number)
        reader.take(number, text)
    return reader.finish()


class _Reader:
    """A stack of open components. Iterative and of limited depth: nesting is a cheap bomb."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.roots: list[Component] = []
        self.stack: list[Component] = []
        self.too_deep = 0

    def take(self, number: int, text: str) -> None:
        """One unfolded line with its number in the file."""
        head = text[:6].upper()
        if head == "BEGIN:":
            self._begin(text[6:].strip().upper(), number)
        elif head[:4] == "END:":
            self._end(text[4:].strip().upper(), number)
        elif self.stack and not self.too_deep:
            self._property(number, text)
        elif text.strip() and not self.too_deep:
            self.problems.add(_("this line stands outside of any calendar"), number)

    def _property(self, number: int, text: str) -> None:
        try:
            name, params, value = parse_line(text)
        except LineError:
            if text.strip():
                self.problems.add(_("this line is no property; it was left out"), number)
            return
        self.stack[-1].lines.append(Line(number, text, name, params, value))

    def _begin(self, name: str, number: int) -> None:
        if name in TOP or name == "VCALENDAR":
            self._close_open(name, number)
            self.too_deep = 0
        if self.too_deep or len(self.stack) >= _DEEPEST:
            self.too_deep += 1
            return
        component = Component(name, number)
        (self.stack[-1].children if self.stack else self.roots).append(component)
        self.stack.append(component)

    def _close_open(self, name: str, number: int) -> None:
        """A calendar's component begins: whatever is still open above the calendar was never ended."""
        while self.stack and (self.stack[-1].name != "VCALENDAR" or name == "VCALENDAR"):
            self._unended(self.stack.pop(), number)

    def _unended(self, component: Component, number: int) -> None:
        what = _("{name} begins here and has no end; it was ended for it").format(name=component.name[:40])
        self.problems.add(what, component.number or number)

    def _end(self, name: str, number: int) -> None:
        if self.too_deep:
            self.too_deep -= 1
            return
        if not any(component.name == name for component in self.stack):
            self.problems.add(_("END:{name} ends nothing").format(name=name[:40]), number)
            return
        while self.stack:
            component = self.stack.pop()
            if component.name == name:
                return
            self._unended(component, number)

    def finish(self) -> list[Component]:
        """What stands at the top; what was never ended is ended here, and said."""
        for component in self.stack:
            self._unended(component, component.number)
        return self.roots
