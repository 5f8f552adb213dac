"""The months of a page: a table each, a day's items as short bars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from html import escape

from core.language import _, ngettext
from core.language.dates import day_name, long_date, month_title, week_days, week_start, weeks_of_month
from core.sharing.schedule import DaySchedule, Item
from core.sharing.web.sheet import (
    LETTERS,
    Sheet,
    classes,
    day_id,
    month_id,
    short_time,
    spoken_status,
    title,
    turn_links,
    view_links,
)

_MOST = 4
"""Items of a day that a month shows; where there are more, three and how many besides."""


def months(sheet: Sheet) -> Iterator[str]:
    """Every month as a section."""
    now = month_id(sheet.today) if sheet.today else ""
    for number, month in enumerate(sheet.months):
        around = [sheet.months[at] if 0 <= at < len(sheet.months) else None for at in (number - 1, number + 1)]
        before, after = ((month_id(one), month_title(one)) if one else None for one in around)
        week = week_in(sheet, month)
        opening = "F" if month == sheet.opening.replace(day=1) else ""
        yield (
            f'<section id="{month_id(month)}"{classes("M", opening)} aria-labelledby="{month_id(month)}h">\n'
            f'<header><h2 id="{month_id(month)}h">{escape(month_title(month))}</h2>'
            f"{turn_links(before, after, now)}{view_links(sheet, 'M', month, week)}</header>\n"
            f"{_table(sheet, month)}\n</section>"
        )


def week_in(sheet: Sheet, month: date) -> date | None:
    """The week to which one comes from a month: that of the opening day, else the first that is drawn."""
    if month == sheet.opening.replace(day=1):
        return week_start(sheet.opening)
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return next((week for week in sheet.weeks if week + timedelta(days=6) >= month and week <= last), None)


def _table(sheet: Sheet, month: date) -> str:
    head = "".join(
        f'<th scope="col"><abbr title="{day_name(number)}">{day_name(number, short=True)}</abbr></th>'
        for number in week_days()
    )
    rows = "\n".join(f"<tr>{''.join(_cell(sheet, day, month) for day in week)}</tr>" for week in weeks_of_month(month))
    caption = escape(_("Month: {period}").format(period=month_title(month)))
    return (
        f'<table><caption class="h">{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>'
    )


def _cell(sheet: Sheet, day: date, month: date) -> str:
    schedule = sheet.days.get(day)
    if day.month != month.month or schedule is None:
        return f'<td class="x">{f"<span>{day.day}</span>" if day.month == month.month else ""}</td>'
    today = day == sheet.today
    head = classes("" if schedule.works else "r", "n" if today else "")
    return f"<td{head}>{_number(schedule, today=today)}{_bars(sheet, schedule)}</td>"


def _number(day: DaySchedule, *, today: bool) -> str:
    now = ' aria-current="date"' if today else ""
    if not day.items:
        return f"<span{now}>{day.day.day}</span>"
    count = ngettext("{count} item", "{count} items", len(day.items)).format(count=len(day.items))
    return f'<a href="#{day_id(day.day)}"{now} aria-label="{escape(long_date(day.day))}: {count}">{day.day.day}</a>'


def _bars(sheet: Sheet, day: DaySchedule) -> str:
    if not day.items:
        return ""
    ordered = sorted(day.items, key=lambda item: (not sheet.whole(item, day), item.start, item.end))
    kept = ordered if len(ordered) <= _MOST else ordered[: _MOST - 1]
    bars = "".join(_bar(sheet, item, day) for item in kept)
    rest = len(ordered) - len(kept)
    more = f'<li class="m">{escape(_("+{count} more").format(count=rest))}</li>' if rest else ""
    return f"<ul>{bars}{more}</ul>"


def _bar(sheet: Sheet, item: Item, day: DaySchedule) -> str:
    when = short_time(item, day, sheet)
    time = f"<i>{when}</i> " if when else ""
    return (
        f"<li{classes(LETTERS[item.event.status], '' if when else 'k')}>{time}{title(item)}{spoken_status(item)}</li>"
    )
