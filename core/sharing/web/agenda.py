"""The lists of a page: month by month, day by day, each item in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import escape

from core.calendar.status import status_word
from core.language import _
from core.language.dates import long_date, month_title
from core.sharing import page_parts as parts
from core.sharing.detail import DetailLevel
from core.sharing.schedule import DaySchedule, Item
from core.sharing.web.month import week_in
from core.sharing.web.sheet import LETTERS, Sheet, agenda_id, classes, day_id, turn_links, view_links

_ADDRESS = re.compile(r"https?://[^\s<>\"'|]{3,2000}", re.IGNORECASE)


def agendas(sheet: Sheet) -> Iterator[str]:
    """Every month as a section with the days on which there is something."""
    for number, month in enumerate(sheet.months):
        around = [sheet.months[at] if 0 <= at < len(sheet.months) else None for at in (number - 1, number + 1)]
        before, after = ((agenda_id(one), month_title(one)) if one else None for one in around)
        opening = "F" if month == sheet.opening.replace(day=1) else ""
        days = [one for day, one in sheet.days.items() if day.replace(day=1) == month and one.items]
        body = "\n".join(_day(sheet, day) for day in days) or f"<p>{escape(_('There are no items in these days.'))}</p>"
        views = view_links(sheet, "A", month, week_in(sheet, month))
        yield (
            f'<section id="{agenda_id(month)}"{classes("A", opening)} aria-labelledby="{agenda_id(month)}h">\n'
            f'<header><h2 id="{agenda_id(month)}h">{escape(month_title(month))}</h2>'
            f"{turn_links(before, after, _today(sheet))}{views}</header>\n"
            f"{body}\n</section>"
        )


def _today(sheet: Sheet) -> str:
    """Where today is in the lists: the first day from today on that has something."""
    if sheet.today is None:
        return ""
    return next((day_id(day) for day, one in sheet.days.items() if day >= sheet.today and one.items), "")


def _day(sheet: Sheet, day: DaySchedule) -> str:
    items = "\n".join(_item(sheet, item, day) for item in _ordered(sheet, day))
    notes = [_("Today")] if day.day == sheet.today else []
    if not day.works:
        notes.append(_("not a working day"))
    rest = f" <small>{escape(' · '.join(notes))}</small>" if notes else ""
    return f'<div id="{day_id(day.day)}"><h3>{escape(long_date(day.day))}{rest}</h3>\n<ul>{items}</ul></div>'


def _ordered(sheet: Sheet, day: DaySchedule) -> list[Item]:
    return sorted(day.items, key=lambda item: (not sheet.whole(item, day), item.start, item.end))


def _item(sheet: Sheet, item: Item, day: DaySchedule) -> str:
    when = escape(parts.item_label(item, day, sheet.snapshot))
    return f"<li{classes(LETTERS[item.event.status])}><i>{when}</i> {_words(sheet, item, day.day)}</li>"


def _words(sheet: Sheet, item: Item, day: date) -> str:
    if item.event.title is None:
        return f"<b>{escape(status_word(item.event.status))}</b>"
    line = f"<b>{escape(item.event.title)}</b>"
    place = f" · {escape(item.event.place)}" if item.event.place else ""
    line = f"{line}{place} <small>{escape(status_word(item.event.status))}</small>"
    if sheet.snapshot.options.level is not DetailLevel.FULL or not parts.has_details(item):
        return f"<p>{line}</p>"
    if day != sheet.first_shown(item):
        return f'<p>{line} <a href="#i{item.number}">{escape(_("Details"))}</a></p>'
    return f"<details><summary>{line}</summary>{_details(sheet, item)}</details>"


def _details(sheet: Sheet, item: Item) -> str:
    facts = "".join(
        f"<dt>{escape(label)}</dt><dd>{_linked(value)}</dd>" for label, value in parts.facts(item, sheet.snapshot)
    )
    notes = parts.notes(item)
    text = f"<p>{_linked(notes)}</p>" if notes else ""
    return f'<div id="i{item.number}"><dl>{facts}</dl>{text}</div>'


def _linked(text: str) -> str:
    """The text with its web addresses as links that show where they go and do not say whence one comes."""
    out, at = [], 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(".,;:!?)]}")
        shown = escape(address)
        out += [_lines(text[at : match.start()]), f'<a href="{shown}" rel="nofollow noopener noreferrer">{shown}</a>']
        at = match.start() + len(address)
    return "".join((*out, _lines(text[at:])))


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
