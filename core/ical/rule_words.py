"""A repetition in words, for the patterns that people and Outlook make; others are shown as they are written."""

from __future__ import annotations

from datetime import datetime

from core.ical.rules import Rule, RuleError
from core.language import N_, _, ngettext
from core.language.dates import day_name, month_name, short_date

_UNITS = {
    "DAILY": (N_("every day"), N_("every {count} days")),
    "WEEKLY": (N_("every week"), N_("every {count} weeks")),
    "MONTHLY": (N_("every month"), N_("every {count} months")),
    "YEARLY": (N_("every year"), N_("every {count} years")),
}
_PLACES = {
    1: N_("the first {day}"),
    2: N_("the second {day}"),
    3: N_("the third {day}"),
    4: N_("the fourth {day}"),
    -1: N_("the last {day}"),
}


def rule_words(text: str) -> str:
    """`every 2 weeks on Monday and Wednesday until Jun 3, 2027`; the rule itself where words would not say it all."""
    try:
        rule = Rule.parse(text)
    except RuleError:
        return text
    if not _sayable(rule):
        return text
    return " ".join(part for part in (_often(rule), _where(rule), _ends(rule)) if part)


def _sayable(rule: Rule) -> bool:
    rare = rule.by_second or rule.by_minute or rule.by_hour or rule.by_year_day or rule.by_week or rule.by_set_pos
    if rule.frequency not in _UNITS or rare or len(rule.by_month_day) > 1 or len(rule.by_month) > 1:
        return False
    if rule.by_month and rule.frequency != "YEARLY":
        return False
    numbered = [place for place, _day in rule.by_day if place]
    if rule.frequency in ("MONTHLY", "YEARLY"):
        return not rule.by_day or (len(rule.by_day) == 1 and numbered != [] and numbered[0] in _PLACES)
    return not numbered and not rule.by_month_day and (rule.frequency == "WEEKLY" or not rule.by_day)


def _often(rule: Rule) -> str:
    once, often = _UNITS[rule.frequency]
    return _(once) if rule.interval == 1 else _(often).format(count=rule.interval)


def _where(rule: Rule) -> str:
    parts = []
    if rule.frequency == "WEEKLY" and rule.by_day:
        names = [day_name(day) for _place, day in sorted(rule.by_day, key=lambda pair: pair[1])]
        parts.append(_("on {days}").format(days=_list(names)))
    elif rule.by_day:
        place, day = rule.by_day[0]
        parts.append(_("on {place}").format(place=_(_PLACES[place]).format(day=day_name(day))))
    if rule.by_month_day:
        last = rule.by_month_day[0] == -1
        parts.append(_("on the last day") if last else _("on day {day}").format(day=rule.by_month_day[0]))
    if rule.by_month:
        parts.append(_("in {month}").format(month=month_name(rule.by_month[0])))
    return " ".join(parts)


def _list(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("{some} and {last}").format(some=", ".join(names[:-1]), last=names[-1])


def _ends(rule: Rule) -> str:
    if rule.count is not None:
        return ngettext("{count} time", "{count} times", rule.count).format(count=rule.count)
    if rule.until is None:
        return ""
    day = rule.until.astimezone() if isinstance(rule.until, datetime) and rule.until.tzinfo else rule.until
    return _("until {day}").format(day=short_date(day))
