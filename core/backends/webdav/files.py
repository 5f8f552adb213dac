"""Files on a WebDAV server, over a session that blocks. Addresses are whole URLs.

A write goes to a temporary name first, is read back there, and is then moved into its place, where the server can
move: who reads finds the old file or the new one. Elsewhere it is put in its place directly and read back there. No
ETag and no status is believed: only bytes that were read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from urllib.parse import quote, unquote, urljoin, urlsplit
from xml.etree.ElementTree import ParseError

import httpx
from webdav4.multistatus import MultiStatusResponse

from core.backends.http.reading import host_of
from core.backends.webdav.rewriting import same_calendar
from core.backends.webdav.session import INTERRUPTIONS, Answer, Session
from core.backends.webdav.translate import broken, missing_folder, name_of, refused
from core.calendar.people import clean_name
from core.errors import Conflict, DeliveryUnknown, NotFound, PartagendaError, Refused, SignInFailed, TransportError
from core.language import _
from core.ports.publishing import NOTHING, Place, Stored, TargetAbilities, fingerprint

_NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError, *INTERRUPTIONS)
_GONE = (404, 410)
_CANNOT_MOVE = (400, 403, 405, 409, 415, 500, 501, 502)
"""What servers answer to a MOVE that they cannot do; then the file is put in its place directly."""
_NO_SECOND_NAME = (412, 415, 422)
"""What servers answer to a temporary name that they will not have: some take files of certain names only. What may mean
a full disk (rclone says 405) is not among them: then nothing is put in the old file's place."""
_UID_TWICE = b"no-uid-conflict"
"""A calendar server refuses a UID that it has already under another name (RFC 4791 §5.3.2.1)."""
_LISTING = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getcontentlength/></D:prop></D:propfind>'
)


class DavFiles:
    """What is done with files and folders, by requests of one session. Errors as `core.ports.PublishTarget`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cannot_move: set[str] = set()

    def _ask(self, method: str, address: str, headers: Mapping[str, str] | None = None, content: bytes = b"") -> Answer:
        try:
            return self._session.ask(method, address, headers=headers, content=content)
        except _NO_ANSWER as error:
            raise broken(error, address) from error

    def abilities(self, folder: str) -> TargetAbilities:
        """Whether files can be moved into their place; conditions are never trusted (If-Match is ignored by some)."""
        self._listing(folder, "0")
        answer = self._ask("OPTIONS", folder)
        allowed = {word.strip().upper() for word in answer.headers.get("allow", "").split(",")}
        return TargetAbilities(atomic="MOVE" in allowed, conditional=False)

    def _listing(self, folder: str, depth: str) -> MultiStatusResponse:
        answer = self._ask(
            "PROPFIND", folder, {"Depth": depth, "Content-Type": "application/xml; charset=utf-8"}, _LISTING
        )
        if answer.status in _GONE:
            raise missing_folder(folder + "x")
        if answer.fine and answer.status != 207:
            raise _no_webdav(folder)
        if not answer.fine:
            raise refused(answer, folder)
        try:
            return MultiStatusResponse(answer.body.decode("utf-8", "replace"))
        except (ParseError, ValueError, AssertionError, ArithmeticError, LookupError, httpx.InvalidURL) as error:
            raise _no_webdav(folder) from error

    def places(self, folder: str) -> list[Place]:
        """What lies directly in the folder, folders first, then by name."""
        own = unquote(urlsplit(folder).path).rstrip("/")
        found = []
        for each in self._listing(folder, "1").responses.values():
            path = each.path.rstrip("/")
            above, _slash, name = path.rpartition("/")
            if above != own or not name:
                continue  # the folder itself, or what does not belong to it
            is_folder = bool(each.properties.collection)
            address = urljoin(folder, quote(path) + ("/" if is_folder else ""))
            found.append(Place(name, address, is_folder, None if is_folder else each.properties.content_length))
        return sorted(found, key=lambda place: (not place.folder, place.name.casefold()))

    def make_folder(self, folder: str) -> None:
        """One level; it may be there already. Raises NotFound when the one above is missing, Refused."""
        answer = self._ask("MKCOL", folder)
        if answer.fine:
            return
        there = self._folder_is_there(folder)
        if there:
            return
        if not self._folder_is_there(_above(folder.rstrip("/"))):
            raise missing_folder(folder.rstrip("/"))
        raise refused(answer, folder)

    def _folder_is_there(self, folder: str) -> bool:
        try:
            self._listing(folder, "0")
        except NotFound:
            return False
        except (Refused, TransportError):
            return True  # nobody knows; the first answer says more
        return True

    def _look(self, address: str) -> Answer | None:
        answer = self._ask("GET", address)
        if answer.status in _GONE:
            return None
        if not answer.fine:
            raise refused(answer, address)
        return answer

    def read(self, address: str) -> bytes | None:
        """The content, None where nothing lies."""
        answer = self._look(address)
        return None if answer is None else answer.body

    def put(self, address: str, content: bytes, *, media_type: str, expected: Collection[str], token: str) -> Stored:
        """Store it, proved by reading it back. What lies there must be among `expected`; raises Conflict, Refused."""
        there = self._look(address)
        _mine(address, there, expected)
        if there is not None and self._same(there.body, content):
            return Stored(fingerprint(there.body), len(there.body), there.etag)
        if _above(address) not in self._cannot_move:
            stored = self._put_and_move(address, content, media_type, expected, token)
            if stored is not None:
                return stored
        return self._put_in_place(address, content, media_type, there)

    def _put_and_move(
        self, address: str, content: bytes, media_type: str, expected: Collection[str], token: str
    ) -> Stored | None:
        """None when this server cannot move files; then nothing is left of the attempt."""
        temporary = temporary_name(address, token)
        try:
            answer = self._ask("PUT", temporary, {"Content-Type": media_type}, content)
            if answer.status in _NO_SECOND_NAME or (_UID_TWICE in answer.body and not answer.fine):
                self._no_moving(temporary, address)
                return None
            if not answer.fine:
                raise self._why(answer, address)
            kept = self.read(temporary)
            if kept is None or not self._same(kept, content):
                raise _not_kept(address)
            there = self._look(address)
            _mine(address, there, expected)
        except PartagendaError:
            self._drop(temporary)
            raise
        return self._move(temporary, address, content, there)

    def _move(self, temporary: str, address: str, content: bytes, there: Answer | None) -> Stored | None:
        """None where the server cannot move: nothing is left then. Otherwise proved by reading it back, or raised."""
        try:
            answer = self._ask(
                "MOVE",
                temporary,
                {"Destination": address, "Overwrite": "F" if there is None else "T", "Depth": "infinity"},
            )
        except TransportError as error:  # no answer: what lies there tells
            return self._after_silence(address, content, there, error, lambda: self._drop(temporary))
        if answer.fine and answer.status != 207:
            try:
                return self._proved(address, content, there)
            except TransportError:
                self._drop(temporary)  # it may have been a yes without a move
                raise
        if answer.status == 412 and not self._unchanged(address, there):
            self._drop(temporary)
            raise _changed(address)
        if answer.status in (*_CANNOT_MOVE, 207, 412):
            self._no_moving(temporary, address)
            return None
        self._drop(temporary)
        raise refused(answer, address)

    def _no_moving(self, temporary: str, address: str) -> None:
        """This folder takes no second name for the same calendar: from now on its files are put in their place."""
        self._drop(temporary)
        self._cannot_move.add(_above(address))

    def _unchanged(self, address: str, there: Answer | None) -> bool:
        found = self._look(address)
        return (None if found is None else found.body) == (None if there is None else there.body)

    def _put_in_place(self, address: str, content: bytes, media_type: str, there: Answer | None) -> Stored:
        """Where files cannot be moved: If-Match guards it, and half a file is mended with what was there."""
        condition = {"If-None-Match": "*"} if there is None else _if_match(there)
        try:
            answer = self._ask("PUT", address, {"Content-Type": media_type, **condition}, content)
        except TransportError as error:
            return self._after_silence(address, content, there, error, lambda: None)
        if _UID_TWICE in answer.body and not answer.fine:
            raise Refused(
                _("The calendar server {host} has these items already, under another name.").format(
                    host=host_of(address)
                ),
                _("Publish into another calendar of it, or to a WebDAV folder."),
            )
        if answer.status == 412:
            raise _changed(address)
        if not answer.fine:
            self._mend(address, content, there)
            raise self._why(answer, address)
        return self._proved(address, content, there)

    def _after_silence(
        self, address: str, content: bytes, there: Answer | None, error: TransportError, tidy: Callable[[], None]
    ) -> Stored:
        """The connection broke after the write was sent."""
        if isinstance(error, SignInFailed):
            raise error
        try:
            found = self._look(address)
        except PartagendaError:
            raise DeliveryUnknown(
                _("The connection to {host} broke: “{name}” may have been published.").format(
                    host=host_of(address), name=name_of(address)
                ),
                _("The next sync looks, and finishes it."),
            ) from error
        if found is not None and self._same(found.body, content):
            return Stored(fingerprint(found.body), len(found.body), found.etag)
        tidy()
        self._mend(address, content, there)
        raise error

    def _proved(self, address: str, content: bytes, there: Answer | None) -> Stored:
        """Read it back. Half a file is not left there for others to read."""
        try:
            found = self._look(address)
        except PartagendaError as error:
            raise DeliveryUnknown(
                _("{host} took “{name}” and cannot be asked what it kept of it.").format(
                    host=host_of(address), name=name_of(address)
                ),
                _("The next sync looks, and finishes it."),
            ) from error
        if found is not None and self._same(found.body, content):
            return Stored(fingerprint(found.body), len(found.body), found.etag)
        if found is not None and there is not None and found.body == there.body:
            raise _not_kept(address)
        if found is not None and not content.startswith(found.body):
            raise _changed(address) if not _is_web_page(found.body) else _no_webdav(address)
        self._mend(address, content, there)
        raise _not_kept(address)

    def _same(self, found: bytes, content: bytes) -> bool:
        return found == content or same_calendar(found, content)

    def _mend(self, address: str, content: bytes, there: Answer | None) -> None:
        """After a write that failed: if a part of it lies there, the old file again, or nothing."""
        try:
            body = self.read(address)
        except PartagendaError:
            body = b""  # it cannot be read whole: what lies there is broken, or nobody answers
        if body is None or (there is not None and body == there.body) or not content.startswith(body):
            return
        with suppress(PartagendaError):  # the failure that led here is told; the next upload looks again
            if there is not None:
                self._ask("PUT", address, {"Content-Type": there.headers.get("content-type", "")}, there.body)
                if self.read(address) == there.body:
                    return
            self._drop(address)

    def _why(self, answer: Answer, address: str) -> PartagendaError:
        """A missing folder is 409 by the book, and 403, 404 or 500 on some servers."""
        if answer.status in (403, 404, 405, 409, 500) and not self._folder_is_there(_above(address)):
            return missing_folder(address)
        if answer.status == 405:  # in a folder that answers PROPFIND: so rclone says what does not fit
            return Refused(
                _("{host} does not take “{name}” (405): it is too large, or there is no room.").format(
                    host=host_of(address), name=name_of(address)
                ),
                _("Publish fewer days or fewer details, or look at the server’s disk."),
            )
        return refused(answer, address)

    def _drop(self, address: str) -> None:
        try:
            self._ask("DELETE", address)
        except PartagendaError:
            return  # swept by the next upload, by its name

    def remove(self, address: str, *, expected: Collection[str]) -> bool:
        """Remove it, and look whether it is gone; False when nothing was there. Raises Conflict, TransportError."""
        there = self._look(address)
        _mine(address, there, (*expected, NOTHING))
        if there is None:
            return False
        answer: Answer | None = None
        try:
            answer = self._ask("DELETE", address, _if_match(there))
        except (SignInFailed, Refused):
            raise
        except TransportError:
            pass  # no answer: what lies there tells
        if answer is not None and answer.status == 412:
            raise _changed(address)
        if self._look(address) is None:
            return True
        if answer is not None and not answer.fine:
            raise refused(answer, address)
        raise TransportError(
            _("{host} says that “{name}” is gone, and still shows it.").format(
                host=host_of(address), name=name_of(address)
            ),
            _("It may be kept in between; try again, or ask whoever runs the server."),
        )

    def sweep(self, address: str, token: str) -> int:
        """Remove the file that an interrupted upload with that token left; how many there were, 0 or 1."""
        temporary = temporary_name(address, token)
        if self._look(temporary) is None:
            return 0
        answer = self._ask("DELETE", temporary)
        if self._look(temporary) is not None:
            raise refused(answer, temporary)
        return 1


def temporary_name(address: str, token: str) -> str:
    """Where a file is put before it is moved into its place: one name for each publication and file.

    It can be found again without a listing, which some servers do not give.
    """
    folder, _slash, name = address.rpartition("/")
    return f"{folder}/part-{token}-{name}"


def _if_match(there: Answer) -> dict[str, str]:
    return {"If-Match": there.etag} if there.etag else {}


def _above(address: str) -> str:
    return address.rpartition("/")[0] + "/"


def _mine(address: str, there: Answer | None, expected: Collection[str]) -> None:
    if fingerprint(None if there is None else there.body) in expected:
        return
    if there is not None and _is_web_page(there.body) and not address.lower().endswith((".html", ".htm")):
        raise _no_webdav(address)
    if there is None:
        raise Conflict(
            _("“{name}” is no longer on {host}: somebody removed it.").format(
                name=name_of(address), host=host_of(address)
            ),
            _("Publish it again if you want it there, or stop the publication."),
        )
    raise _changed(address)


def _changed(address: str) -> Conflict:
    return Conflict(
        _("“{name}” on {host} is not what was published last: somebody else writes there.").format(
            name=name_of(address), host=host_of(address)
        ),
        _("Choose another name, or overwrite it if it is yours from elsewhere."),
    )


def _not_kept(address: str) -> TransportError:
    return TransportError(
        _("{host} said yes, and did not keep “{name}” whole; it is not published.").format(
            host=host_of(address), name=name_of(address)
        ),
        _("There may be no room, or a limit of size; ask whoever runs the server."),
    )


def _no_webdav(address: str) -> TransportError:
    return TransportError(
        _("{host} answers with something that is no WebDAV.").format(host=clean_name(host_of(address))),
        _("Look at the address; a sign-in page of the network may stand in between."),
    )


def _is_web_page(content: bytes) -> bool:
    head = content[:512].lstrip().lower()
    return head.startswith((b"<!doctype html", b"<html")) or b"<html" in head
