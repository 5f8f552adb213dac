"""The weeks of a page: a table with a row of hours, in which each item stands where it is.

The policy of the page forbids styles in elements, so that places are classes: `t12` begins an hour below the top of
the grid (a step is five minutes), `z6` lasts half an hour, `l1-3` is the second of three columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from html import escape

from core.calendar.event import BusyStatus
from core.calendar.status import status_word
from core.language import _
from core.language.dates import day_name, hour_label, long_date, short_date_span, time_of_day, week_start
from core.sharing import page_parts as parts
from core.sharing.schedule import DaySchedule, Item
from core.sharing.web.lanes import Lane, lanes
from core.sharing.web.sheet import (
    LETTERS,
    Sheet,
    classes,
    day_id,
    spoken_status,
    title,
    turn_links,
    view_links,
    week_id,
)

STEP = 5
"""Minutes of a step of the grid."""
_LEAST = 20
"""Minutes that a block is high at the least, or its words have no room."""
_SMALL = 40
"""Blocks shorter than this have one line of words."""
_TALL = 90
"""Blocks of this height that are narrower than a third of a day have their words written downwards."""


def weeks(sheet: Sheet) -> Iterator[str]:
    """Every week as a section."""
    now = week_id(week_start(sheet.today)) if sheet.today else ""
    for number, week in enumerate(sheet.weeks):
        around = [sheet.weeks[at] if 0 <= at < len(sheet.weeks) else None for at in (number - 1, number + 1)]
        before, after = ((week_id(one), week_name(one)) if one else None for one in around)
        month = _month_of(sheet, week)
        name = escape(week_name(week))
        yield (
            f'<section id="{week_id(week)}" class="W" aria-labelledby="{week_id(week)}h">\n'
            f'<header><h2 id="{week_id(week)}h">{name}</h2>'
            f"{turn_links(before, after, now)}{view_links(sheet, 'W', month, week)}</header>\n"
            f'<div class="g" role="group" tabindex="0" aria-label="{name}">{_table(sheet, week)}</div>\n</section>'
        )


def week_name(week: date) -> str:
    """Its first and last day."""
    return short_date_span(week, week + timedelta(days=6))


def _month_of(sheet: Sheet, week: date) -> date:
    days = [day for day in _days(week) if day in sheet.days]
    inside = sheet.opening if sheet.opening in days else days[len(days) // 2]
    return inside.replace(day=1)


def _days(week: date) -> list[date]:
    return [week + timedelta(days=number) for number in range(7)]


def _table(sheet: Sheet, week: date) -> str:
    days = [(day, sheet.days.get(day)) for day in _days(week)]
    heads = "".join(_head(sheet, day, schedule) for day, schedule in days)
    first, last = _hours(sheet, [one for _day, one in days if one])
    caption = escape(_("Week: {period}").format(period=week_name(week)))
    return (
        f'<table><caption class="h">{caption}</caption>\n<thead><tr><td></td>{heads}</tr></thead>\n<tbody>'
        f'{_whole_days(sheet, days)}<tr class="q">{_scale(sheet, first, last)}'
        f"{''.join(_column(sheet, one, first, last) for _day, one in days)}</tr></tbody></table>"
    )


def _head(sheet: Sheet, day: date, schedule: DaySchedule | None) -> str:
    name = f'<abbr title="{day_name(day)}">{day_name(day, short=True)}</abbr> '
    number = f"<b>{day.day}</b>"
    if schedule is not None and schedule.items:
        number = f'<a href="#{day_id(day)}" aria-label="{escape(long_date(day))}"><b>{day.day}</b></a>'
    now = ' class="n" aria-current="date"' if day == sheet.today else ""
    return f'<th scope="col"{now}>{name}{number}</th>'


def _hours(sheet: Sheet, days: Sequence[DaySchedule]) -> tuple[int, int]:
    """The hours that the grid shows: the working day with an hour around it, and every item."""
    hours = sheet.snapshot.hours
    first = max(0, hours.start.hour - 1)
    last = min(24, hours.end.hour + (1 if hours.end.minute == 0 else 2))
    for day in days:
        for item in day.items:
            if not sheet.whole(item, day):
                start, end = sheet.local(item, day)
                first, last = min(first, start // 60), max(last, min(24, -(-max(end, start + _LEAST) // 60)))
    return first, last


def _whole_days(sheet: Sheet, days: Sequence[tuple[date, DaySchedule | None]]) -> str:
    bars = [[item for item in one.items if sheet.whole(item, one)] if one else [] for _day, one in days]
    if not any(bars):
        return ""
    cells = "".join(
        f"<td{_ground(sheet, one)}>{'<ul>' + ''.join(map(_bar, items)) + '</ul>' if items else ''}</td>"
        for items, (_day, one) in zip(bars, days, strict=True)
    )
    return f'<tr class="y"><th scope="row">{escape(_("All day"))}</th>{cells}</tr>'


def _ground(sheet: Sheet, day: DaySchedule | None) -> str:
    if day is None:
        return classes("x")
    return classes("" if day.works else "r")


def _bar(item: Item) -> str:
    return f"<li{classes(LETTERS[item.event.status], 'k')}>{title(item)}{spoken_status(item)}</li>"


def _scale(sheet: Sheet, first: int, last: int) -> str:
    labels = "".join(f"<li>{hour_label(hour)}</li>" for hour in range(first, last))
    return f'<th scope="row"><span class="h">{escape(_("Hours"))}</span><ol aria-hidden="true">{labels}</ol></th>'


def _column(sheet: Sheet, day: DaySchedule | None, first: int, last: int) -> str:
    if day is None:
        return '<td class="x"></td>'
    timed = [item for item in day.items if not sheet.whole(item, day)]
    spans = [_span(sheet, item, day) for item in timed]
    shade = _shades(sheet, day, first, last)
    blocks = "".join(
        _block(sheet, item, day, span, lane, first) for item, span, lane in zip(timed, spans, lanes(spans), strict=True)
    )
    return f"<td{_ground(sheet, day)}>{shade}{'<ul>' + blocks + '</ul>' if blocks else ''}</td>"


def _span(sheet: Sheet, item: Item, day: DaySchedule) -> tuple[int, int]:
    """From and to on the grid; short ones are lengthened upwards at midnight, else downwards."""
    start, end = sheet.local(item, day)
    start -= start % STEP
    end = max(-(-end // STEP) * STEP, start + _LEAST)
    return (1440 - _LEAST, 1440) if end > 1440 else (start, end)


def _block(  # noqa: PLR0917 - one block
    sheet: Sheet, item: Item, day: DaySchedule, span: tuple[int, int], lane: Lane, first: int
) -> str:
    top, height = span[0] - first * 60, span[1] - span[0]
    place = (
        sheet.place(f"t{top // STEP}"),
        sheet.place(f"z{height // STEP}"),
        sheet.place(f"l{lane.number}-{lane.count}-{lane.width}") if lane.count > 1 else "",
        "s" if height < _SMALL else "d" if lane.width * 3 < lane.count and height >= _TALL else "",
    )
    label = parts.item_label(item, day, sheet.snapshot)
    if height < _SMALL and item.start >= day.span.start:
        label = time_of_day(item.start.astimezone(sheet.snapshot.zone))
    when = " · ".join(filter(None, (label, _status(item))))
    return f"<li{classes(LETTERS[item.event.status], *place)}>{title(item)} <i>{escape(when)}</i></li>"


def _status(item: Item) -> str:
    return "" if item.event.title is None or item.event.status is BusyStatus.BUSY else status_word(item.event.status)


def _shades(sheet: Sheet, day: DaySchedule, first: int, last: int) -> str:
    """What lies outside of the working hours, where these are known in the page's zone."""
    if not day.works or sheet.snapshot.hours_elsewhere:
        return ""
    hours = sheet.snapshot.hours
    edges = ((first * 60, _minutes(hours.start)), (_minutes(hours.end), last * 60))
    steps = [((start - first * 60) // STEP, (end - start) // STEP) for start, end in edges if end - start >= STEP]
    return "".join(f'<p class="e {sheet.place(f"t{top}")} {sheet.place(f"z{height}")}"></p>' for top, height in steps)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
