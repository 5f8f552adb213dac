"""Requests to one Graph server: at most three at once, patient when told to wait, true to one origin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from core.backends.graph import translate
from core.backends.graph.wire import Answer, Json, Request, answer_of, listed, retry_after, trust
from core.errors import PartagendaError
from core.language import _

if TYPE_CHECKING:
    import httpx

    from core.backends.graph.settings import GraphSettings

AT_ONCE = 3
"""One fewer than Exchange Online allows an app for a mailbox, so that Outlook beside us is not the one who waits."""
BATCH = 20
LIMIT = 90.0
"""Seconds for one request with all its waiting."""
LARGEST = 64 * 1024 * 1024
_STEP = 30.0
_ATTEMPTS = 4
_PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"'


class Tokens(Protocol):
    """Whoever has an access token."""

    async def token(self, *, fresh: bool = False) -> str:
        """`fresh`: the last one was refused. Raises SignInFailed."""
        ...


class Session:
    """Raises TransportError and its kinds, NotFound, Conflict, Refused. Safe to be used from several tasks."""

    def __init__(
        self,
        settings: GraphSettings,
        tokens: Tokens,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        limit: float = LIMIT,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._pause = pause
        self._limit = limit
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.host = urlsplit(settings.server).netloc
        self.account = settings.name

    # --- what others call ----------------------------------------------------------------------------------------

    async def get(self, path: str, *, prefer: str = "", **query: str) -> Json:
        """The object at a path below /v1.0, or at a whole address that the server gave.

        Names of the query are written without their `$`, `_` before one keeps it bare: `_startDateTime`.
        """
        return (await self.ask("GET", path, query=_named(query), prefer=prefer)).json

    async def send(self, method: str, path: str, body: object, *, etag: str = "") -> Json:
        """A write with a JSON body."""
        headers = {"If-Match": f'W/"{etag}"'} if etag else {}
        return (await self.ask(method, path, body=body, headers=headers)).json

    async def pages(self, path: str, *, prefer: str = "", **query: str) -> AsyncIterator[Json]:
        """Each page of a list; links are followed on the same origin only, each once."""
        seen: set[str] = set()
        page = await self.get(path, prefer=prefer, **query)
        while True:
            yield listed(page, self.host)
            following = page.get("@odata.nextLink")
            if not following:
                return
            if following in seen:
                raise translate.strange(self.host, _("its pages go in a circle"))
            seen.add(following)
            page = await self.get(following, prefer=prefer)

    async def everything(self, path: str, *, prefer: str = "", **query: str) -> list[Json]:
        """All of a list, each id once: a page may come twice when things move meanwhile."""
        found: dict[str, Json] = {}
        async for page in self.pages(path, prefer=prefer, **query):
            for thing in page["value"]:
                found.setdefault(str(thing.get("id", len(found))), thing)
        return list(found.values())

    async def batch(self, paths: Sequence[str], *, prefer: str = "") -> list[Answer]:
        """Answers for many small readings (paths below /v1.0), in their order; twenty travel together."""
        groups = [paths[n : n + BATCH] for n in range(0, len(paths), BATCH)]
        found = await asyncio.gather(*(self._group(group, prefer) for group in groups))
        return [answer for group in found for answer in group]

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        prefer: str = "",
        raw: bool = False,
        final: bool = False,
    ) -> Answer:
        """One request and its answer, which has a status below 300. `raw`: the body is bytes, not JSON.

        `final`: when it is cancelled after the handover, DeliveryUnknown is raised.
        """
        sent = {"Prefer": f"{_PREFER}, {prefer}" if prefer else _PREFER, **(headers or {})}
        if body is not None:
            content, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        return await self._limited(
            Request(method, self._address(path), dict(query or {}), sent, content, raw, final=final)
        )

    async def upload(self, address: str, content: bytes, step: int = 3_276_800) -> None:
        """Bytes to an upload session's address: that is secret itself, so no token goes there."""
        if urlsplit(address).scheme != "https":
            raise translate.elsewhere(self.host, address)
        for start in range(0, len(content), step):
            piece = content[start : start + step]
            span = f"bytes {start}-{start + len(piece) - 1}/{len(content)}"
            await self._limited(Request("PUT", address, {}, {"Content-Range": span}, piece, raw=True, bare=True))

    async def close(self) -> None:
        """Let go of the connections."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    # --- how it is done ------------------------------------------------------------------------------------------

    def _address(self, path: str) -> str:
        if "://" not in path.partition("?")[0]:
            return f"{self._settings.base}/v1.0/{path.lstrip('/')}"
        wanted, own = urlsplit(path), urlsplit(self._settings.base)
        if (wanted.scheme, wanted.netloc.lower()) != (own.scheme, own.netloc.lower()):
            raise translate.elsewhere(self.host, path)
        return path

    async def _limited(self, request: Request) -> Answer:
        try:
            async with asyncio.timeout(self._limit):
                return await self._patiently(request)
        except TimeoutError:
            if request.writes and request.handed_over:
                raise translate.nobody_knows(self.host) from None
            raise translate.unavailable(self.host, 0) from None
        except asyncio.CancelledError:
            if request.final and request.handed_over:
                raise translate.nobody_knows(self.host) from None
            raise

    async def _patiently(self, request: Request) -> Answer:
        """Again after a wait where the server asks for it, and once with a fresh token."""
        fresh, waited = False, 0.0
        for attempt in range(_ATTEMPTS + 1):
            answer = await self._once(request, fresh=fresh)
            if answer.status < 300:
                return answer
            if answer.status == 401 and not request.bare and not fresh:
                fresh = True  # a token may end in the middle of a list
                continue
            if not self._waits(answer, request):
                raise self._refused(answer, request)
            delay = retry_after(answer.headers, attempt)
            waited += delay
            if attempt + 1 >= _ATTEMPTS or waited > self._limit / 2:
                throttled = answer.status == 429
                raise translate.busy(self.host, delay) if throttled else translate.unavailable(self.host, answer.status)
            request.handed_over = False
            await self._pause(delay)
        raise translate.unavailable(self.host, 0)

    @staticmethod
    def _waits(answer: Answer, request: Request) -> bool:
        """429 and 503 say that nothing was done; after another 5xx only a reading is asked again."""
        return answer.status in (429, 503) or (answer.status >= 500 and answer.status != 507 and not request.writes)

    def _refused(self, answer: Answer, request: Request) -> PartagendaError:
        if answer.status == 401:
            return translate.signed_out(self.account)
        if answer.status < 400:
            return translate.elsewhere(self.host, answer.headers.get("location", ""))
        if answer.status >= 500 and answer.status != 507:
            return translate.nobody_knows(self.host)
        return translate.refusal(answer, self.host)

    async def _once(self, request: Request, *, fresh: bool) -> Answer:
        import httpx

        headers = dict(request.headers)
        if not request.bare:
            headers["Authorization"] = f"Bearer {await self._tokens.token(fresh=fresh)}"
        client = self._connected()
        async with self._turns:
            request.handed_over = True
            try:
                return await self._exchange(client, request, headers)
            except httpx.HTTPError as error:
                raise translate.network(error, self.host, handed_over=request.writes) from error

    async def _exchange(self, client: httpx.AsyncClient, request: Request, headers: Mapping[str, str]) -> Answer:
        made = client.build_request(
            request.method, request.url, params=request.query or None, headers=dict(headers), content=request.content
        )
        response = await client.send(made, stream=True)
        body = bytearray()
        try:
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > LARGEST:
                    raise translate.strange(self.host, _("it is larger than 64 MB"))
        finally:
            await response.aclose()
        found = {name.lower(): value for name, value in response.headers.items()}
        return answer_of(request, response.status_code, found, bytes(body), self.host)

    def _connected(self) -> httpx.AsyncClient:
        import httpx

        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._loop, self._turns = loop, asyncio.Semaphore(AT_ONCE)
            limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
            self._client = httpx.AsyncClient(
                verify=trust(self._settings), timeout=_STEP, limits=limits, follow_redirects=False
            )
        return self._client

    async def _group(self, paths: Sequence[str], prefer: str) -> list[Answer]:
        """One batch; what is throttled inside it is asked again."""
        found: dict[int, Answer] = {}
        for attempt in range(_ATTEMPTS):
            due = [n for n in range(len(paths)) if n not in found or found[n].status in (429, 503)]
            if not due:
                break
            if attempt:
                await self._pause(max(retry_after(found[n].headers, attempt - 1) for n in due))
            found |= await self._ask_batch({n: paths[n] for n in due}, prefer)
        return [self._settled(found[n]) for n in range(len(paths))]

    def _settled(self, answer: Answer) -> Answer:
        if answer.status == 429:
            raise translate.busy(self.host, retry_after(answer.headers, 0))
        if answer.status == 401:
            raise translate.signed_out(self.account)
        if answer.status >= 500:
            raise translate.unavailable(self.host, answer.status)
        return answer

    async def _ask_batch(self, paths: Mapping[int, str], prefer: str) -> dict[int, Answer]:
        wish = f"{_PREFER}, {prefer}" if prefer else _PREFER
        requests = [
            {"id": str(n), "method": "GET", "url": "/" + path.lstrip("/"), "headers": {"Prefer": wish}}
            for n, path in paths.items()
        ]
        data = await self.send("POST", "$batch", {"requests": requests})
        found = {}
        for one in data.get("responses", []):
            headers = {name.lower(): str(value) for name, value in (one.get("headers") or {}).items()}
            found[int(one["id"])] = Answer(int(one["status"]), one.get("body"), headers)
        if set(found) != set(paths):
            raise translate.strange(self.host, _("an answer in a batch is missing"))
        return found


def _named(query: Mapping[str, str]) -> dict[str, str]:
    return {name[1:] if name.startswith("_") else f"${name}": value for name, value in query.items()}
