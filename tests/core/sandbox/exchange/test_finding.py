"""FindItem: a calendar's view, pages, restrictions and orders."""

from __future__ import annotations

import pytest

from core.sandbox.exchange.xml import child, children, text_of

FIND = (
    '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>Default</t:BaseShape>{shape}</m:ItemShape>{view}'
    '<m:ParentFolderIds><t:DistinguishedFolderId Id="{folder}"/></m:ParentFolderIds></m:FindItem>'
)


def at(hour: int, title: str, more: str = "") -> str:
    return (
        f"<t:Subject>{title}</t:Subject>{more}<t:Start>2027-05-03T{hour:02}:00:00Z</t:Start>"
        f"<t:End>2027-05-03T{hour + 1:02}:00:00Z</t:End>"
    )


@pytest.fixture
def filled(empty):
    for hour, title in ((12, "Beta"), (9, "alpha"), (15, "Gamma")):
        empty.create(at(hour, title))
    return empty


def find(exchange, view="", shape="", folder="calendar"):
    return exchange.messages(FIND.format(view=view, shape=shape, folder=folder))[0]


def titles(message):
    return [text_of(each, "Subject") for each in children(message, "RootFolder", "Items")]


def window(start, end, more=""):
    return f'<m:CalendarView StartDate="2027-05-{start}" EndDate="2027-05-{end}"{more}/>'


def test_a_view_is_in_the_order_of_time(filled):
    assert titles(find(filled, window("03T00:00:00Z", "04T00:00:00Z"))) == ["alpha", "Beta", "Gamma"]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("03T09:30:00Z", "03T09:40:00Z", ["alpha"]),
        ("03T10:00:00Z", "03T12:00:00Z", []),
        ("03T11:00:00", "03T12:00:00.5Z", []),
        ("03T12:00:00+02:00", "03T14:30:00+02:00", ["Beta"]),
    ],
)
def test_a_view_has_what_touches_it_and_neither_end(filled, start, end, found):
    assert titles(find(filled, window(start, end))) == found


def test_a_view_that_is_cut_says_so(filled):
    root = child(find(filled, window("03T00:00:00Z", "04T00:00:00Z", ' MaxEntriesReturned="2"')), "RootFolder")
    assert (root.get("IncludesLastItemInRange"), root.get("TotalItemsInView")) == ("false", "3")


@pytest.mark.parametrize(
    ("view", "folder", "code"),
    [
        (window("04T00:00:00Z", "03T00:00:00Z"), "calendar", "ErrorCalendarEndDateIsEarlierThanStartDate"),
        (
            '<m:CalendarView StartDate="2027-01-01T00:00:00Z" EndDate="2030-01-01T00:00:00Z"/>',
            "calendar",
            "ErrorCalendarViewRangeTooBig",
        ),
        (window("03T00:00:00Z", "04T00:00:00Z"), "inbox", "ErrorCalendarFolderIsInvalidForCalendarView"),
        (
            '<m:IndexedPageItemView Offset="-1" BasePoint="Beginning"/>',
            "calendar",
            "ErrorInvalidIndexedPagingParameters",
        ),
        (
            '<m:FractionalPageItemView Numerator="3" Denominator="2"/>',
            "calendar",
            "ErrorInvalidFractionalPagingParameters",
        ),
    ],
)
def test_a_view_that_cannot_be_is_refused_by_name(filled, view, folder, code):
    assert text_of(find(filled, view, folder=folder), "ResponseCode") == code


def test_pages_lead_through_everything_once(filled):
    seen, offset, last = [], 0, "false"
    while last == "false":
        view = f'<m:IndexedPageItemView MaxEntriesReturned="2" Offset="{offset}" BasePoint="Beginning"/>'
        message = find(filled, view)
        seen += titles(message)
        root = child(message, "RootFolder")
        offset, last = int(root.get("IndexedPagingOffset")), root.get("IncludesLastItemInRange")
    assert seen == ["Beta", "alpha", "Gamma"]


def test_pages_from_the_end(filled):
    message = find(filled, '<m:IndexedPageItemView MaxEntriesReturned="2" Offset="0" BasePoint="End"/>')
    assert titles(message) == ["alpha", "Gamma"]
    rest = find(filled, '<m:IndexedPageItemView MaxEntriesReturned="2" Offset="2" BasePoint="End"/>')
    assert titles(rest) == ["Beta"]
    assert child(rest, "RootFolder").get("IncludesLastItemInRange") == "true"


def restriction(inner):
    return f"<m:Restriction>{inner}</m:Restriction>"


def compared(name, uri, value):
    return (
        f'<t:{name}><t:FieldURI FieldURI="{uri}"/><t:FieldURIOrConstant><t:Constant Value="{value}"/>'
        f"</t:FieldURIOrConstant></t:{name}>"
    )


BETA = compared("IsEqualTo", "item:Subject", "Beta")
EARLY = compared("IsLessThan", "calendar:Start", "2027-05-03T12:00:00Z")
CONTAINS = (
    '<t:Contains ContainmentMode="Substring" ContainmentComparison="{how}"><t:FieldURI FieldURI="item:Subject"/>'
    '<t:Constant Value="A"/></t:Contains>'
)


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        (BETA, ["Beta"]),
        (f"<t:Not>{BETA}</t:Not>", ["alpha", "Gamma"]),
        (compared("IsNotEqualTo", "item:Subject", "Beta"), ["alpha", "Gamma"]),
        (f"<t:Or>{BETA}{EARLY}</t:Or>", ["Beta", "alpha"]),
        (f"<t:And>{BETA}{EARLY}</t:And>", []),
        (compared("IsGreaterThanOrEqualTo", "calendar:Start", "2027-05-03T12:00:00+00:00"), ["Beta", "Gamma"]),
        (CONTAINS.format(how="IgnoreCase"), ["Beta", "alpha", "Gamma"]),
        (CONTAINS.format(how="Exact"), []),
        ('<t:Exists><t:FieldURI FieldURI="item:Categories"/></t:Exists>', []),
        ('<t:Exists><t:FieldURI FieldURI="calendar:UID"/></t:Exists>', ["Beta", "alpha", "Gamma"]),
    ],
)
def test_a_restriction_gives_what_fits_it(filled, inner, found):
    assert titles(find(filled, restriction(inner))) == found


def test_an_order(filled):
    order = (
        '<m:SortOrder><t:FieldOrder Order="Descending"><t:FieldURI FieldURI="calendar:Start"/></t:FieldOrder>'
        "</m:SortOrder>"
    )
    assert titles(find(filled, order)) == ["Gamma", "Beta", "alpha"]


def test_a_body_is_not_found_but_got(filled):
    wanted = '<t:AdditionalProperties><t:FieldURI FieldURI="item:Body"/></t:AdditionalProperties>'
    assert text_of(find(filled, shape=wanted), "ResponseCode") == "ErrorInvalidPropertyRequest"


def test_a_restriction_does_not_tell_what_a_private_item_says(empty, grant):
    empty.create(at(9, "Secret", "<t:Sensitivity>Private</t:Sensitivity>"))
    grant(empty, "bruno", "reviewer")
    mailbox = "<t:Mailbox><t:EmailAddress>alice@example.org</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"

    def found(title):
        view = restriction(compared("IsEqualTo", "item:Subject", title))
        body = FIND.format(view=view, shape="", folder="calendar").replace('"calendar"/>', f'"calendar">{mailbox}')
        return titles(empty.messages(body, who="bruno")[0])

    assert (found("Secret"), found("Private Appointment")) == ([], ["Private Appointment"])
