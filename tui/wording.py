"""Sentences that several screens say in the same words: ranges of days, working hours, sizes."""

from __future__ import annotations

from core.calendar.span import DateRange, Preset, WorkingHours
from core.language import N_, _, ngettext
from core.language.dates import day_and_month, day_name, long_date, short_date_span, time_span, week_days

_PRESETS = {
    Preset.TODAY: N_("Today"),
    Preset.TOMORROW: N_("Tomorrow"),
    Preset.NEXT_7_DAYS: N_("Next 7 days"),
    Preset.NEXT_30_DAYS: N_("Next 30 days"),
    Preset.WHOLE: N_("Whole calendar"),
    Preset.DATES: N_("Specify dates…"),
}


def preset_label(preset: Preset) -> str:
    """An entry of *Date Range*, as Outlook calls it."""
    return _(_PRESETS[preset])


def days_text(days: DateRange) -> str:
    """`7 days`."""
    return ngettext("{count} day", "{count} days", days.days).format(count=days.days)


def range_text(days: DateRange) -> str:
    """`Nov 22 – 28, 2026`, or `Whole calendar`."""
    if days.first is None or days.last is None:
        return preset_label(Preset.WHOLE)
    return short_date_span(days.first, days.last)


def range_with_days(days: DateRange) -> str:
    """`Sun, Nov 22 – Sat, Nov 28, 2026 · 7 days`; for the whole calendar what that means."""
    if days.first is None or days.last is None:
        return _("Everything in it, past and future")
    if days.first == days.last:
        return long_date(days.first)
    if days.first.year != days.last.year:
        return f"{short_date_span(days.first, days.last)} · {days_text(days)}"
    span = _("{first} – {last}, {year}").format(
        first=day_and_month(days.first), last=day_and_month(days.last), year=days.last.year
    )
    return f"{span} · {days_text(days)}"


def hours_text(hours: WorkingHours) -> str:
    """`Mon – Fri, 8:00 AM – 5:00 PM`."""
    order = [number for number in (0, 1, 2, 3, 4, 5, 6) if number in hours.days]
    if not order:
        return _("no working days")
    run = len(order) > 2 and order[-1] - order[0] == len(order) - 1
    if run:
        days = f"{day_name(order[0], short=True)} – {day_name(order[-1], short=True)}"
    else:
        days = ", ".join(day_name(number, short=True) for number in week_days() if number in hours.days)
    return f"{days}, {time_span(hours.start, hours.end)}"


def size_text(count: int) -> str:
    """`840 bytes`, `12 KB`, `1.3 MB`."""
    if count < 1000:
        return ngettext("{count} byte", "{count} bytes", count).format(count=count)
    if count < 1_000_000:
        return _("{count} KB").format(count=-(-count // 1000))
    return _("{count} MB").format(count=f"{count / 1_000_000:.1f}")
