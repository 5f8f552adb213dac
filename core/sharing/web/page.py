"""A snapshot as a web page: head, three views, foot, and the policy that lets nothing run and nothing be fetched."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from html import escape

from core.calendar.event import BusyStatus
from core.calendar.status import status_word
from core.language import _, language, ngettext
from core.language.dates import date_and_time, date_span, hour_label, long_date
from core.sharing import page_parts as parts
from core.sharing.entities import unescaped
from core.sharing.snapshot import Snapshot
from core.sharing.web.agenda import agendas
from core.sharing.web.month import months
from core.sharing.web.options import WebPageOptions
from core.sharing.web.sheet import LETTERS, Sheet
from core.sharing.web.style import style_sheet
from core.sharing.web.week import weeks


def web_page(snapshot: Snapshot, options: WebPageOptions | None = None) -> bytes:
    """The finished file, UTF-8, the same for the same snapshot. The snapshot's days are those that are shown
    (`take_snapshot(…, shown=page_days(…))`)."""
    sheet = Sheet(snapshot, options or WebPageOptions())
    body = "\n".join((*_top(sheet), '<main id="main">', *months(sheet), *weeks(sheet), *agendas(sheet), "</main>"))
    style = style_sheet(sheet.places)
    text = (
        f'<!DOCTYPE html>\n<html lang="{language()}">\n<head>\n{_meta(snapshot, style)}\n'
        f"<style>{style}</style>\n</head>\n"
        f"<body>\n{body}\n{_foot(sheet)}\n</body>\n</html>\n"
    )
    return text.encode("utf-8")


def by_right(blank: Snapshot, options: WebPageOptions | None = None) -> tuple[str, ...]:
    """What the page says whatever the events say, for the leak check: the words of the page of no events (`blank`)
    and of those that appear only beside one."""
    words = re.sub(r"<style>.*?</style>", "", web_page(blank, options).decode(), flags=re.DOTALL)
    texts = [unescaped(text) for text in (*re.findall(r">([^<]+)<", words), *re.findall(r'="([^"]*)"', words))]
    few = ngettext("{count} item", "{count} items", 1), ngettext("{count} item", "{count} items", 2)
    hours = [hour_label(hour) for hour in range(25)]
    return (*texts, *parts.vocabulary(), *few, *hours, _("+{count} more"), _("Today"))


def _meta(snapshot: Snapshot, style: str) -> str:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return "\n".join(
        (
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex, nofollow, noarchive">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="color-scheme" content="light dark">',
            '<meta name="format-detection" content="telephone=no">',
            f"<title>{escape(parts.heading(snapshot))}</title>",
        )
    )


def _top(sheet: Sheet) -> Iterator[str]:
    snapshot = sheet.snapshot
    yield f'<a class="skip" href="#main">{escape(_("Skip to the calendar"))}</a>'
    yield f"<header>\n<h1>{escape(parts.heading(snapshot))}</h1>"
    yield f"<p>{escape(snapshot.calendar_name)} · {escape(parts.range_line(snapshot))}</p>"
    yield f'<p class="z">{escape(parts.zone_line(snapshot))}</p>'
    yield f"<p>{escape(parts.detail_line(snapshot))}</p>"
    yield from (f"<p>{escape(line)}</p>" for line in _remarks(sheet))
    yield _links(sheet.options)
    yield f"{_legend(sheet)}\n</header>"


def _remarks(sheet: Sheet) -> Iterator[str]:
    snapshot = sheet.snapshot
    shown, asked = snapshot.body_days, snapshot.options.days
    if shown != asked and shown.first and shown.last:
        words = _("Shown here: {days}. The calendar file holds all days.")
        yield words.format(days=date_span(shown.first, shown.last))


def _links(options: WebPageOptions) -> str:
    links = [(options.subscription, _("Subscribe")), (options.ics, _("Calendar file (.ics)"))]
    found = "".join(f'<a href="{escape(address)}">{escape(words)}</a>' for address, words in links if address)
    return f'<div class="u">{found}</div>' if found else ""


def _legend(sheet: Sheet) -> str:
    """What the bars mean, of what is there; busy always."""
    found = {item.event.status for item in sheet.snapshot.items} | {BusyStatus.BUSY}
    order = (BusyStatus.BUSY, BusyStatus.TENTATIVE, BusyStatus.WORKING_ELSEWHERE, BusyStatus.OUT_OF_OFFICE)
    rows = [(LETTERS[one], status_word(one)) for one in (*order, BusyStatus.FREE) if one in found]
    rows.append(("e", _("Outside of Working Hours")))
    items = "".join(f'<li class="{letter}">{escape(word)}</li>' for letter, word in rows)
    return f'<ul class="k0" aria-label="{escape(_("Legend"))}">{items}</ul>'


def _foot(sheet: Sheet) -> str:
    snapshot, options = sheet.snapshot, sheet.options
    taken = date_and_time(snapshot.now.astimezone(snapshot.zone))
    if options.every is None:
        lines = [parts.closing(snapshot)]
    else:
        lines = [_("This page shows the calendar as it was on {time}.").format(time=taken), _renewed(options.every)]
    if options.expires is not None:
        lines.append(_("It is here until {day}.").format(day=long_date(options.expires)))
    return f"<footer><p>{escape(' '.join(lines))}</p></footer>"


def _renewed(every: timedelta) -> str:
    minutes = max(1, round(every.total_seconds() / 60))
    if minutes % 1440 == 0:
        return ngettext("It is renewed every day.", "It is renewed every {count} days.", minutes // 1440).format(
            count=minutes // 1440
        )
    if minutes % 60 == 0:
        return ngettext("It is renewed every hour.", "It is renewed every {count} hours.", minutes // 60).format(
            count=minutes // 60
        )
    return ngettext("It is renewed every minute.", "It is renewed every {count} minutes.", minutes).format(
        count=minutes
    )
