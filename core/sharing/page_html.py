"""The snapshot as an HTML mail. Every style stands inline, nothing is fetched, and no status is told by colour alone.

The page is one column that fits a phone: mini months wrap, tables take the width that there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from html import escape

from core.calendar.event import BusyStatus
from core.calendar.status import status_word
from core.language import _, language
from core.language.dates import day_name, long_date, month_title, tiny_day_name, week_days, weeks_of_month
from core.sharing import page_parts as parts
from core.sharing.detail import DetailLevel, Layout
from core.sharing.schedule import DaySchedule, Item, Row
from core.sharing.snapshot import Snapshot

_FONT = "font-family:'Segoe UI',-apple-system,BlinkMacSystemFont,Roboto,Helvetica,Arial,sans-serif"
_INK, _QUIET, _LINE, _LINK = "#1b1f24", "#57606a", "#d8dee4", "#0b5cad"
_OUTSIDE = "#f1f3f5"
_BARS = {
    BusyStatus.FREE: ("1px solid", "#afb8c1", "#ffffff"),
    BusyStatus.TENTATIVE: ("6px dashed", "#4f86c6", "#f3f8fd"),
    BusyStatus.BUSY: ("6px solid", "#1f5fae", "#e8f0fa"),
    BusyStatus.OUT_OF_OFFICE: ("6px double", "#7b2d8b", "#f6ecf8"),
    BusyStatus.WORKING_ELSEWHERE: ("6px dotted", "#0f766e", "#e9f6f4"),
}
"""The bar at the left of each status: width and pattern, colour, and the tint behind its words."""


def html(snapshot: Snapshot, message: str = "") -> str:
    """The page; `message` is what the sender wrote, put first."""
    body = [
        *_own_words(message),
        *_head(snapshot),
        _months(snapshot),
        _legend(snapshot),
        *(_section(day, snapshot) for day in parts.sections(snapshot)),
        *(f'<p style="margin:22px 0 0">{escape(line)}</p>' for line in parts.nothing(snapshot)),
        *_details(snapshot),
        _foot(snapshot),
    ]
    title = escape(parts.heading(snapshot))
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light">\n<title>{title}</title>\n</head>\n'
        f'<body style="margin:0;padding:0;background:#ffffff;color:{_INK};{_FONT};font-size:15px;line-height:1.45">\n'
        f'<div style="max-width:700px;margin:0 auto;padding:20px 16px">\n'
        + "\n".join(filter(None, body))
        + "\n</div>\n</body>\n</html>\n"
    )


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _own_words(message: str) -> Iterator[str]:
    if message:
        yield f'<div style="margin:0 0 24px">{_lines(message)}</div>'
        yield f'<hr style="border:0;border-top:1px solid {_LINE};margin:0 0 24px">'


def _head(snapshot: Snapshot) -> Iterator[str]:
    address = escape(snapshot.owner.address)
    quiet = f"margin:0;color:{_QUIET};font-size:14px"
    yield f'<h1 style="margin:0 0 2px;font-size:25px;line-height:1.2;font-weight:600">{_top(snapshot)}</h1>'
    yield (
        f'<p style="{quiet}">{escape(snapshot.calendar_name)} · '
        f'<a href="mailto:{address}" style="color:{_LINK}">{address}</a></p>'
    )
    yield f'<p style="margin:14px 0 0;font-size:16px;font-weight:600">{escape(parts.range_line(snapshot))}</p>'
    yield f'<p style="{quiet}">{escape(parts.zone_line(snapshot))}</p>'
    yield f'<p style="{quiet}">{escape(parts.detail_line(snapshot))}</p>'
    for remark in parts.remarks(snapshot):
        yield f'<p style="margin:10px 0 0;font-size:14px">{escape(remark)}</p>'


def _top(snapshot: Snapshot) -> str:
    return f'<a name="top" id="top" style="color:{_INK};text-decoration:none">{escape(parts.heading(snapshot))}</a>'


def _months(snapshot: Snapshot) -> str:
    days = {day.day: day for day in snapshot.days}
    linked = {day.day for day in parts.sections(snapshot)}
    firsts = sorted({day.replace(day=1) for day in days})
    grids = "\n".join(_month(first, days, linked) for first in firsts)
    return f'<div style="margin:18px 0 4px">{grids}</div>'


def _month(first: date, days: dict[date, DaySchedule], linked: set[date]) -> str:
    head = "".join(
        f'<th scope="col" abbr="{day_name(number)}" style="padding:2px 0;width:26px;font-size:12px;font-weight:400;'
        f'color:{_QUIET}">{tiny_day_name(number)}</th>'
        for number in week_days()
    )
    weeks = "\n".join(
        f"<tr>{''.join(_cell(day, first, days, linked) for day in week)}</tr>" for week in weeks_of_month(first)
    )
    return (
        '<table cellpadding="0" cellspacing="0" style="display:inline-table;vertical-align:top;'
        'border-collapse:collapse;margin:0 20px 12px 0;text-align:center;font-size:13px">'
        f'<caption style="padding:0 0 3px;font-size:14px;font-weight:600;text-align:center">{month_title(first)}'
        f"</caption>\n<tr>{head}</tr>\n{weeks}\n</table>"
    )


def _cell(day: date, first: date, days: dict[date, DaySchedule], linked: set[date]) -> str:
    if day.month != first.month:
        return "<td></td>"
    if day not in days:
        return f'<td style="padding:2px 0;color:#6e7781">{day.day}</td>'
    weight = "700" if _taken(days[day]) else "400"
    shade = f"padding:2px 0;background:#e8f0fa;font-weight:{weight}"
    if day not in linked:
        return f'<td style="{shade}">{day.day}</td>'
    return f'<td style="{shade}"><a href="#{_anchor(day)}" style="color:{_LINK}">{day.day}</a></td>'


def _taken(day: DaySchedule) -> bool:
    return any(item.event.status is not BusyStatus.FREE for item in day.items)


def _anchor(day: date) -> str:
    return f"d{day:%Y%m%d}"


def _bar(status: BusyStatus) -> str:
    line, colour, _tint = _BARS[status]
    return f"border-left:{line} {colour}"


def _legend(snapshot: Snapshot) -> str:
    entries = [
        f'<span style="{_bar(status)};padding:0 0 0 6px;margin:0 16px 4px 0;display:inline-block">'
        f"{status_word(status)}</span>"
        for status in parts.statuses_in_legend(snapshot)
    ]
    if snapshot.options.layout is Layout.SCHEDULE and not snapshot.options.working_hours_only:
        entries.append(
            f'<span style="background:{_OUTSIDE};border:1px solid {_LINE};padding:0 6px;display:inline-block">'
            f"{escape(_('Outside of Working Hours'))}</span>"
        )
    return f'<p style="margin:4px 0 8px;font-size:13px">{" ".join(entries)}</p>'


def _section(day: DaySchedule, snapshot: Snapshot) -> str:
    rest = (
        "" if day.works else f' <span style="font-weight:400;color:{_QUIET}">· {escape(_("not a working day"))}</span>'
    )
    title = (
        f'<h2 style="margin:22px 0 6px;font-size:16px;font-weight:600">'
        f'<a name="{_anchor(day.day)}" id="{_anchor(day.day)}"></a>{escape(parts.day_title(day))}{rest}</h2>'
    )
    if snapshot.options.layout is Layout.LIST:
        rows = [_item_row(item, day, snapshot) for item in day.items]
    else:
        rows = [_item_row(item, day, snapshot) for item in day.strip]
        rows += [_row(row, day, snapshot) for row in parts.rows_to_show(day)]
    return title + "\n" + _table(parts.day_title(day), rows) if rows else title


def _table(caption: str, rows: Iterable[str]) -> str:
    return (
        f'<table aria-label="{escape(caption)}" cellpadding="0" cellspacing="0" style="width:100%;'
        f'border-collapse:collapse;border-top:1px solid {_LINE};font-size:14px">\n' + "\n".join(rows) + "\n</table>"
    )


def _line(label: str, cell: str, status: BusyStatus, *, outside: bool) -> str:
    tint = _OUTSIDE if outside and status is BusyStatus.FREE else _BARS[status][2]
    ground = f";background:{_OUTSIDE}" if outside else ""
    return (
        f'<tr><th scope="row" style="width:145px;padding:6px 8px;text-align:left;vertical-align:top;'
        f'font-weight:400;color:{_QUIET};border-bottom:1px solid {_LINE}{ground}">{escape(label)}</th>'
        f'<td style="padding:6px 10px;vertical-align:top;border-bottom:1px solid {_LINE};{_bar(status)};'
        f'background:{tint};overflow-wrap:anywhere">{cell}</td></tr>'
    )


def _row(row: Row, day: DaySchedule, snapshot: Snapshot) -> str:
    named = [item for item in row.items if item.event.title]
    plain = [item.event.status for item in row.items if not item.event.title]
    cell = "<br>\n".join(_item(item, snapshot) for item in named)
    if plain or not named:
        word = status_word(row.status)
        shown = f'<span style="color:{_QUIET}">{word}</span>' if row.status is BusyStatus.FREE else word
        cell = f"{cell}<br>\n{shown}" if named else shown
    return _line(parts.row_label(row, day, snapshot), cell, row.status, outside=not row.working)


def _item_row(item: Item, day: DaySchedule, snapshot: Snapshot) -> str:
    cell = _item(item, snapshot) if item.event.title else status_word(item.event.status)
    return _line(parts.item_label(item, day, snapshot), cell, item.event.status, outside=False)


def _item(item: Item, snapshot: Snapshot) -> str:
    title = f"<strong>{escape(parts.item_title(item))}</strong>"
    if parts.has_details(item):
        title = f'<a href="#i{item.number}" style="color:{_INK}">{title}</a>'
    place = f" · {escape(item.event.place)}" if item.event.place else ""
    word = f'<span style="color:{_QUIET}"> · {status_word(item.event.status)}</span>'
    return title + place + word


def _details(snapshot: Snapshot) -> Iterator[str]:
    items = parts.detailed(snapshot) if snapshot.options.level is DetailLevel.FULL else []
    if items:
        yield f'<h2 style="margin:34px 0 0;padding:14px 0 0;border-top:2px solid {_LINE};font-size:20px">'
        yield f"{escape(_('Details'))}</h2>"
    linked = {day.day for day in parts.sections(snapshot)}
    for item in items:
        yield _detail(item, snapshot, linked)


def _detail(item: Item, snapshot: Snapshot, linked: set[date]) -> str:
    rows = "\n".join(
        f'<tr><th scope="row" style="width:96px;padding:2px 10px 2px 0;text-align:left;vertical-align:top;'
        f'font-weight:400;color:{_QUIET}">{escape(label)}</th>'
        f'<td style="padding:2px 0;vertical-align:top;overflow-wrap:anywhere">{_linked(value)}</td></tr>'
        for label, value in parts.facts(item, snapshot)
    )
    notes = parts.notes(item)
    text = f'<div style="margin:8px 0 0;overflow-wrap:anywhere">{_linked(notes)}</div>' if notes else ""
    return (
        f'<div style="margin:20px 0 0;padding:0 0 0 12px;{_bar(item.event.status)}">\n'
        f'<h3 style="margin:0 0 4px;font-size:16px"><a name="i{item.number}" id="i{item.number}"></a>'
        f'{escape(parts.item_title(item))}</h3>\n<table cellpadding="0" cellspacing="0" '
        f'style="border-collapse:collapse;font-size:14px">\n{rows}\n</table>{text}\n'
        f"{_back(item, snapshot, linked)}</div>"
    )


def _back(item: Item, snapshot: Snapshot, linked: set[date]) -> str:
    day = max(item.start.astimezone(snapshot.zone).date(), snapshot.days[0].day)
    target = _anchor(day) if day in linked else "top"
    words = _("Back to {day}").format(day=long_date(day)) if day in linked else _("Back to the top")
    return f'<p style="margin:6px 0 0;font-size:13px"><a href="#{target}" style="color:{_LINK}">{escape(words)}</a></p>'


_WEB = re.compile(r"https?://[^\s<>\"'|]{3,2000}", re.IGNORECASE)


def _linked(text: str) -> str:
    """The text with its web addresses as links that show where they go."""
    out, at = [], 0
    for match in _WEB.finditer(text):
        address = match[0].rstrip(".,;:!?)]}")
        out.append(_lines(text[at : match.start()]))
        out.append(f'<a href="{escape(address)}" style="color:{_LINK}">{escape(address)}</a>')
        at = match.start() + len(address)
    out.append(_lines(text[at:]))
    return "".join(out)


def _foot(snapshot: Snapshot) -> str:
    style = f"margin:30px 0 0;padding:10px 0 0;border-top:1px solid {_LINE};color:{_QUIET};font-size:13px"
    return f'<p style="{style}">{escape(parts.closing(snapshot))}</p>'
