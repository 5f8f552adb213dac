"""Sentences that several screens say in the same words: ranges of days, working hours, sizes."""

from __future__ import annotations

from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING

from core.calendar.span import DateRange, Preset, WorkingHours
from core.errors import PartagendaError
from core.language import N_, _, ngettext
from core.language.dates import (
    day_and_month,
    day_name,
    long_date,
    short_date_span,
    time_of_day,
    time_span,
    week_days,
)

if TYPE_CHECKING:
    from core.calendar.event import Attachment
    from core.ports.servers import AccountState
    from core.services.outbox_store import OutboxItem

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


def waiting_words(state: AccountState) -> str:
    """What an account's server has not confirmed."""
    parts = []
    if state.waiting:
        parts.append(
            ngettext("{count} change waits for its server", "{count} changes wait for their server", state.waiting)
        )
    if state.conflicts:
        parts.append(
            ngettext(
                "{count} change was made by somebody else, too",
                "{count} changes were made by others, too",
                state.conflicts,
            )
        )
    counts = (state.waiting, state.conflicts) if state.waiting else (state.conflicts,)
    said = ", ".join(part.format(count=count) for part, count in zip(parts, counts, strict=False))
    return _("{account}: {what}").format(account=state.account, what=said)


def range_label(text: str) -> str:
    """A range as ledger and outbox keep it (`2026-11-22..2026-11-28`, `all`), in the words of the screens."""
    first, dots, last = text.partition("..")
    try:
        return range_text(DateRange(date.fromisoformat(first), date.fromisoformat(last))) if dots else _whole(text)
    except (ValueError, PartagendaError):
        return text


def _whole(text: str) -> str:
    return preset_label(Preset.WHOLE) if text == "all" else text


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


def attachment_text(attachment: Attachment) -> str:
    """Name and size, or where a link leads."""
    name = attachment.name or attachment.url or attachment.media_type
    return f"{name} · {size_text(len(attachment.content))}" if attachment.content is not None else name


def outcome_text(item: OutboxItem, zone: tzinfo) -> tuple[str, str]:
    """What became of a message, and how grave it is (`information`, `warning`, `error`); times in `zone`."""
    from core.services.outbox_store import OutboxState

    why = " ".join(part for part in (item.reason, item.hint) if part)
    match item.state:
        case OutboxState.SENT:
            people = ", ".join(result.address for result in item.recipients)
            return _("Sent to {people}.").format(people=people), "information"
        case OutboxState.PARTLY:
            return _("Sent to some: {refused}").format(refused=_not_reached(item)), "warning"
        case OutboxState.UNKNOWN:
            return _("It may have been sent; nobody can know. {why}").format(why=why).strip(), "warning"
        case OutboxState.FAILED:
            return _("Not sent. {why}").format(why=why or _not_reached(item)).strip(), "error"
        case OutboxState.WAITING:
            return _("Kept in the outbox. {why}").format(why=why).strip(), "warning"
        case OutboxState.PREPARED | OutboxState.SENDING:
            return _queued(item, why, zone), "warning"


def _not_reached(item: OutboxItem) -> str:
    from core.ports.mail import Delivery

    left = [result for result in item.recipients if result.delivery is not Delivery.SENT]
    return "; ".join(f"{result.address}: {result.reason or item.reason}" for result in left)


def _queued(item: OutboxItem, why: str, zone: tzinfo) -> str:
    if item.next_try is None:
        return _("In the outbox, not sent yet. {why}").format(why=why).strip()
    at = time_of_day(item.next_try.astimezone(zone))
    return _("In the outbox; the next attempt is at {time}. {why}").format(time=at, why=why).strip()


def every_text(every: timedelta) -> str:
    """`every 30 minutes`, `every hour`, `every 2 days`: in the largest unit that says it."""
    minutes = max(1, round(every.total_seconds() / 60))
    if minutes % 1440 == 0:
        return ngettext("every day", "every {count} days", minutes // 1440).format(count=minutes // 1440)
    if minutes % 60 == 0:
        return ngettext("every hour", "every {count} hours", minutes // 60).format(count=minutes // 60)
    return ngettext("every minute", "every {count} minutes", minutes).format(count=minutes)


def rolling_text(text: str) -> str:
    """RANGE for a person: a rolling one as “30 days back, 60 ahead”, any other as `range_label` says it."""
    first, dots, last = text.partition("..")
    if not (dots and first.startswith("-") and last.startswith("+")):
        return range_label(text)
    return _("{before} days back, {after} ahead").format(before=first[1:].rstrip("d"), after=last[1:].rstrip("d"))
