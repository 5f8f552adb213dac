"""Signing in to Microsoft 365 with msal: a code for another device, or an address to open and one to paste back.

msal talks to the network in its constructor already, so all of it runs in a thread of its own.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from core.backends.graph import translate
from core.backends.graph.settings import SCOPES, GraphSettings
from core.backends.graph.tokens import TokenFile
from core.backends.graph.wire import trust
from core.concurrency import BlockingPool
from core.config.logs import remember
from core.errors import PartagendaError, SignInFailed, UsageError
from core.language import _
from core.ports.sign_in import CodeAddress, DeviceCode

if TYPE_CHECKING:
    import httpx

_PATIENCE = 30.0
_BLOCKED = ("AADSTS53003", "AADSTS50158", "AADSTS530", "AADSTS7000112")
"""Conditional Access said no."""


class SignIn:
    """One account's sign-in. Implements `core.ports.sign_in.InteractiveSignIn` and `session.Tokens`."""

    def __init__(self, settings: GraphSettings) -> None:
        self._settings = settings
        self._host = urlsplit(settings.authority).netloc
        self._pool = BlockingPool(f"sign-in-{settings.name}", 1)
        self._file = TokenFile(settings.tokens)
        self._app: Any = None

    # --- what others call ----------------------------------------------------------------------------------------

    async def token(self, *, fresh: bool = False) -> str:
        """An access token that is good now. Raises SignInFailed when the person has to sign in (again)."""
        return await self._pool.run(self._token, fresh)

    async def signed_in(self) -> str:
        """The address that is signed in; empty when nobody is."""
        return await self._pool.run(self._who)

    async def begin_device(self) -> DeviceCode:
        """Ask for a code. Raises SignInFailed, Unreachable, CertificateError."""
        flow = await self._pool.run(self._begin_device)
        ends = float(flow["expires_at"]) - time.time()
        return DeviceCode(str(flow["verification_uri"]), str(flow["user_code"]), ends, flow)

    async def finish_device(self, code: DeviceCode) -> str:
        """Wait until the person has typed it; the address that is signed in. Cancelling ends the waiting at once."""
        pool = BlockingPool(f"sign-in-wait-{self._settings.name}", 1)  # the other one stays free for tokens
        try:
            return await pool.run(self._finish_device, code.flow)
        finally:
            code.flow["expires_at"] = 0  # msal's own way to end its polling
            pool.close()

    async def begin_code(self) -> CodeAddress:
        """Ask for an address (authorization code with PKCE). Raises as `begin_device`."""
        flow = await self._pool.run(self._begin_code)
        return CodeAddress(str(flow["auth_uri"]), flow)

    async def finish_code(self, address: CodeAddress, pasted: str) -> str:
        """With what the browser shows at the end; the address that is signed in. Raises UsageError, SignInFailed."""
        return await self._pool.run(self._finish_code, address.flow, answer_in(pasted))

    async def sign_out(self) -> bool:
        """Forget every token; whether there was one."""
        return await self._pool.run(self._sign_out)

    # --- in the thread -------------------------------------------------------------------------------------------

    def _client(self, cache: Any) -> Any:  # noqa: ANN401 - msal has no types
        import msal

        return msal.PublicClientApplication(
            self._settings.client_id,
            authority=self._settings.authority,
            token_cache=cache,
            http_client=_HttpClient(self._settings),
            instance_discovery=None if self._settings.known else False,
        )

    @contextlib.contextmanager
    def _held(self) -> Iterator[Any]:
        with self._file.held() as cache:
            if self._app is None:
                with self._speaking():
                    self._app = self._client(cache)
            yield self._app

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """msal's and the network's errors in ours."""
        import httpx

        try:
            yield
        except httpx.HTTPError as error:
            raise translate.network(error, self._host, handed_over=False) from error
        except ValueError as error:  # a tenant that is not there, or an answer that is none
            raise SignInFailed(
                _("{host} does not know the organisation “{tenant}”.").format(
                    host=self._host, tenant=self._settings.tenant
                ),
                _("Check “tenant” of the account: an id, a domain, or “common”."),
            ) from error

    def _account(self, app: Any) -> Any:  # noqa: ANN401 - msal has no types
        accounts = app.get_accounts(self._settings.address or None)
        return accounts[0] if accounts else None

    def _token(self, fresh: bool) -> str:
        with self._held() as app:
            account = self._account(app)
            if account is None:
                raise SignInFailed(
                    _("Nobody is signed in to “{account}”.").format(account=self._settings.name),
                    translate.how_to_sign_in(self._settings.name),
                )
            with self._speaking():
                found = app.acquire_token_silent(list(SCOPES), account, force_refresh=fresh)
        if not found or "access_token" not in found:
            raise translate.signed_out(self._settings.name)
        remember(found["access_token"])
        return str(found["access_token"])

    def _who(self) -> str:
        with self._file.held() as cache:
            if self._app is None and not cache.serialize().count("home_account_id"):
                return ""  # without asking the network who could be there
        with self._held() as app:
            account = self._account(app)
            return str(account["username"]) if account else ""

    def _begin_device(self) -> dict[str, Any]:
        with self._held() as app, self._speaking():
            flow = app.initiate_device_flow(list(SCOPES))
        if "user_code" not in flow:
            raise self._refused(flow)
        return dict(flow)

    def _finish_device(self, flow: dict[str, Any]) -> str:
        """With a cache apart, so that nobody waits for the file meanwhile."""
        import msal

        cache = msal.SerializableTokenCache()
        with self._speaking():
            found = self._client(cache).acquire_token_by_device_flow(flow)
        self._accepted(found)
        with self._held():
            self._file.cache.deserialize(cache.serialize())
            self._file.cache.has_state_changed = True
        return self._who()

    def _begin_code(self) -> dict[str, Any]:
        landing = f"{self._settings.sign_in_server}/common/oauth2/nativeclient"
        hint = self._settings.address or None
        with self._held() as app, self._speaking(), warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", UserWarning
            )  # it would have the answer posted to a server, and there is none
            flow = app.initiate_auth_code_flow(list(SCOPES), redirect_uri=landing, login_hint=hint)
        if "auth_uri" not in flow:
            raise self._refused(flow)
        return dict(flow)

    def _finish_code(self, flow: dict[str, Any], given: dict[str, str]) -> str:
        if given.get("state") != flow.get("state"):
            raise UsageError(
                _("That address belongs to another sign-in."),
                _("Open the address that is shown now, and sign in there."),
            )
        with self._held() as app, self._speaking():
            found = app.acquire_token_by_auth_code_flow(flow, given)
        self._accepted(found)
        return self._who()

    def _accepted(self, found: dict[str, Any]) -> None:
        if "access_token" not in found:
            raise self._refused(found)
        remember(found["access_token"])
        named = str((found.get("id_token_claims") or {}).get("preferred_username", ""))
        wanted = self._settings.address
        if wanted and named and named.lower() != wanted.lower():
            self._sign_out()
            raise SignInFailed(
                _("You signed in as {found}, and the account is for {wanted}.").format(found=named, wanted=wanted),
                _("Sign in as {wanted}, or change “address” of the account.").format(wanted=wanted),
            )

    def _refused(self, found: dict[str, Any]) -> PartagendaError:
        code, text = str(found.get("error", "")), translate.quote(str(found.get("error_description", "")))
        if any(mark in text for mark in _BLOCKED) or code == "access_denied":
            return SignInFailed(
                _("Your organisation does not allow this way to sign in: {reason}").format(reason=text),
                _("Take the other way: open the address in a browser and paste the last one back."),
            )
        if code in ("expired_token", "code_expired", "authorization_pending"):
            return SignInFailed(_("The code was not used in time."), _("Ask for a new one."))
        if code == "temporarily_unavailable":
            return translate.unavailable(self._host, 503)
        return SignInFailed(
            _("Microsoft refused the sign-in: {reason}").format(reason=text or code),
            _("Check “client_id” and “tenant”; README tells how to register the app."),
        )

    def _sign_out(self) -> bool:
        with self._file.held() as cache:
            there = bool(cache.serialize().count("home_account_id"))
            self._file.forget()
            self._app = None
        return there


def answer_in(pasted: str) -> dict[str, str]:
    """What a pasted address brings. Raises UsageError."""
    text = "".join(pasted.split())
    parts = urlsplit(text)
    found = dict(parse_qsl(parts.query or parts.fragment or ("" if parts.scheme else text.lstrip("?"))))
    if "code" not in found and "error" not in found:
        raise UsageError(
            _("There is no code in that address."),
            _("Copy the whole address from the browser's address bar after signing in; it holds code=…"),
        )
    return found


class _HttpClient:
    """What msal asks of an HTTP client, by httpx: the account's authority, time limits, no redirections."""

    def __init__(self, settings: GraphSettings) -> None:
        import httpx

        self._client = httpx.Client(verify=trust(settings), timeout=_PATIENCE, follow_redirects=False)

    def get(self, url: str, **given: Any) -> httpx.Response:  # noqa: ANN401 - msal's own words
        """GET."""
        return self._client.get(url, **_understood(given))

    def post(self, url: str, **given: Any) -> httpx.Response:  # noqa: ANN401 - msal's own words
        """POST of a form."""
        return self._client.post(url, **_understood(given))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _understood(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in ("params", "data", "headers") and value}
