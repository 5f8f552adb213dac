"""Signing in as at login.microsoftonline.com: metadata, device code, code with PKCE, refresh, expiry."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from core.sandbox.graph.model import user_id
from core.sandbox.graph.wire import Call, Json, Reply
from core.sandbox.people import PEOPLE, Accounts, Person

TENANT = "8f4bb1a7-3d3b-4a0e-9c0c-5a7f6f1b2c3d"
_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


@dataclass(eq=False)
class _Device:
    user_code: str
    client: str
    scope: str
    ends: float
    person: Person | None = None
    refused: bool = False


@dataclass(eq=False)
class _Pending:
    person: Person
    client: str
    redirect: str
    challenge: str
    scope: str
    nonce: str


@dataclass(eq=False)
class Grant:
    """What a token stands for."""

    person: Person
    scopes: frozenset[str]
    client: str
    ends: float


@dataclass(eq=False)
class SignIns:
    """All codes and tokens of this run. `life`: seconds an access token is good for."""

    accounts: Accounts
    life: int = 3600
    block_device_code: bool = False
    """As many organisations do by Conditional Access."""
    access: dict[str, Grant] = field(default_factory=dict)
    refresh: dict[str, Grant] = field(default_factory=dict)
    devices: dict[str, _Device] = field(default_factory=dict)
    codes: dict[str, _Pending] = field(default_factory=dict)
    issued: int = 0

    def answer(self, call: Call) -> Reply | None:  # noqa: PLR0911 - a table of addresses
        """What this address says; None when it is not one of the sign-in's."""
        _tenant, _slash, rest = call.path.strip("/").partition("/")
        match call.method, rest:
            case "GET", "v2.0/.well-known/openid-configuration":
                return Reply.json(_metadata(call.base, _tenant))
            case "GET", "discovery/instance":
                found = f"{call.base}/{_tenant}/v2.0/.well-known/openid-configuration"
                return Reply.json({"tenant_discovery_endpoint": found, "api-version": "1.1", "metadata": []})
            case "POST", "oauth2/v2.0/devicecode":
                return self._device(call)
            case "GET", "oauth2/deviceauth":
                return Reply.page(_form("oauth2/deviceauth", {}, code=True))
            case "POST", "oauth2/deviceauth":
                return self._approve(call)
            case "GET", "oauth2/v2.0/authorize":
                return Reply.page(_form("authorize", call.query))
            case "POST", "oauth2/v2.0/authorize":
                return self._authorize(call)
            case "POST", "oauth2/v2.0/token":
                return self._token(call)
            case "GET", "oauth2/v2.0/logout":
                return Reply.page("<p>You signed out.</p>")
        return None

    def who(self, call: Call) -> Grant | None:
        """Whose token the request carries; None for none and for one that has expired."""
        kind, _space, token = call.headers.get("authorization", "").partition(" ")
        grant = self.access.get(token.strip()) if kind.lower() == "bearer" else None
        return grant if grant and grant.ends > time.time() else None

    def expire(self) -> None:
        """Every access token is too old from now on."""
        for grant in self.access.values():
            grant.ends = 0

    def revoke(self) -> None:
        """No token is good any more, refresh tokens included."""
        self.access.clear()
        self.refresh.clear()

    # --- device code ---------------------------------------------------------------------------------------------

    def _device(self, call: Call) -> Reply:
        form = call.form()
        if not form.get("client_id"):
            return _refused("invalid_request", "AADSTS900144: The request body must contain 'client_id'.")
        user_code = "".join(secrets.choice(_CODE_LETTERS) for _n in range(9))
        device_code = secrets.token_urlsafe(32)
        self.devices[device_code] = _Device(user_code, form["client_id"], form.get("scope", ""), time.time() + 900)
        address = f"{call.base}/common/oauth2/deviceauth"
        text = f"To sign in, use a web browser to open the page {address} and enter the code {user_code}."
        return Reply.json({"user_code": user_code, "device_code": device_code, "verification_uri": address,
                           "expires_in": 900, "interval": 1, "message": text})  # fmt: skip

    def _approve(self, call: Call) -> Reply:
        form = call.form()
        wanted = form.get("code", "").strip().upper()
        device = next((one for one in self.devices.values() if one.user_code == wanted), None)
        person = self._person(form)
        if device is None or person is None:
            return Reply.page(_form("oauth2/deviceauth", {}, code=True, wrong=True), 403)
        if self.block_device_code:
            device.refused = True
            return Reply.page("<p>AADSTS53003: Access has been blocked by Conditional Access policies.</p>", 403)
        device.person = person
        return Reply.page("<p>You have signed in. You may now close this window.</p>")

    def _person(self, form: Mapping[str, str]) -> Person | None:
        name = form.get("username", "").strip().lower()
        person = next((one for one in PEOPLE if name in (one.key, one.address)), None)
        if person is None:
            return None
        right = hmac.compare_digest(self.accounts.passwords[person.key], form.get("password", ""))
        return person if right else None

    # --- code ----------------------------------------------------------------------------------------------------

    def _authorize(self, call: Call) -> Reply:
        form = {**call.query, **call.form()}
        person = self._person(form)
        if person is None:
            return Reply.page(_form("authorize", call.query, wrong=True), 403)
        code = secrets.token_urlsafe(32)
        self.codes[code] = _Pending(person, form.get("client_id", ""), form.get("redirect_uri", ""),
                                    form.get("code_challenge", ""), form.get("scope", ""),
                                    form.get("nonce", ""))  # fmt: skip
        query = urlencode({"code": code, "state": form.get("state", ""), "session_state": secrets.token_hex(8)})
        return Reply(302, b"", {"Location": f"{form.get('redirect_uri', '')}?{query}"})

    def _token(self, call: Call) -> Reply:
        form = call.form()
        match form.get("grant_type", ""):
            case "urn:ietf:params:oauth:grant-type:device_code" | "device_code":
                return self._by_device(form)
            case "authorization_code":
                return self._by_code(form)
            case "refresh_token":
                return self._by_refresh(form)
        return _refused("unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")

    def _by_device(self, form: Json) -> Reply:
        device = self.devices.get(form.get("device_code", ""))
        if device is None or device.client != form.get("client_id"):
            return _refused("bad_verification_code", "AADSTS70018: Invalid verification code.")
        if device.refused:
            return _refused("access_denied", "AADSTS53003: Access has been blocked by Conditional Access policies.")
        if device.ends < time.time():
            return _refused("expired_token", "AADSTS70020: The code has expired.")
        if device.person is None:
            return _refused("authorization_pending", "AADSTS70016: The sign-in has not been completed yet.")
        del self.devices[form["device_code"]]
        return self._issue(device.person, device.client, device.scope)

    def _by_code(self, form: Json) -> Reply:
        pending = self.codes.pop(form.get("code", ""), None)
        if pending is None or pending.client != form.get("client_id"):
            return _refused("invalid_grant", "AADSTS70008: The provided authorization code has expired or is used.")
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(proof).decode().rstrip("=") != pending.challenge:
            return _refused("invalid_grant", "AADSTS501481: The code_verifier does not match the code_challenge.")
        if form.get("redirect_uri", "") != pending.redirect:
            return _refused("invalid_grant", "AADSTS500112: The reply address does not match.")
        return self._issue(pending.person, pending.client, pending.scope, pending.nonce)

    def _by_refresh(self, form: Json) -> Reply:
        grant = self.refresh.pop(form.get("refresh_token", ""), None)
        if grant is None or grant.client != form.get("client_id"):
            return _refused("invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity.")
        return self._issue(grant.person, grant.client, form.get("scope") or " ".join(grant.scopes))

    def _issue(self, person: Person, client: str, scope: str, nonce: str = "") -> Reply:
        if person.address.rpartition("@")[2] != "example.org":
            return _refused("invalid_grant", "AADSTS50020: This user account does not exist in the organisation.")
        scopes = frozenset(one for one in scope.split() if one not in ("openid", "profile", "offline_access"))
        token, again = f"sandbox-access-{secrets.token_urlsafe(32)}", f"sandbox-refresh-{secrets.token_urlsafe(32)}"
        self.access[token] = Grant(person, scopes, client, time.time() + self.life)
        self.refresh[again] = Grant(person, scopes, client, time.time() + 86_400)
        self.issued += 1
        client_info = {"uid": user_id(person), "utid": TENANT}
        return Reply.json({"token_type": "Bearer", "scope": " ".join(sorted(scopes)), "expires_in": self.life,
                           "ext_expires_in": self.life, "access_token": token, "refresh_token": again,
                           "id_token": _id_token(person, client, nonce), "client_info": _b64(client_info)})  # fmt: skip


def _b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _id_token(person: Person, client: str, nonce: str) -> str:
    now = int(time.time())
    claims = {"aud": client, "iss": f"https://login.example.org/{TENANT}/v2.0", "iat": now, "nbf": now,
              "exp": now + 3600, "oid": user_id(person), "sub": user_id(person), "tid": TENANT, "ver": "2.0",
              "name": person.name, "preferred_username": person.address}  # fmt: skip
    if nonce:
        claims["nonce"] = nonce
    return f"{_b64({'alg': 'none', 'typ': 'JWT'})}.{_b64(claims)}.sandbox"


def _metadata(base: str, tenant: str) -> Json:
    place = f"{base}/{tenant}"
    return {
        "issuer": f"{place}/v2.0",
        "authorization_endpoint": f"{place}/oauth2/v2.0/authorize",
        "token_endpoint": f"{place}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{place}/oauth2/v2.0/devicecode",
        "end_session_endpoint": f"{place}/oauth2/v2.0/logout",
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "subject_types_supported": ["pairwise"],
        "tenant_region_scope": "EU",
    }


def _refused(code: str, text: str) -> Reply:
    return Reply.json({"error": code, "error_description": text, "correlation_id": secrets.token_hex(8)}, 400)


def _form(_where: str, query: Mapping[str, str], *, code: bool = False, wrong: bool = False) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(n)}" value="{html.escape(v)}">' for n, v in query.items()
    )
    ask = '<p>Code <input name="code"></p>' if code else ""
    said = "<p>Name, password or code is wrong.</p>" if wrong else ""
    return (
        f"<!doctype html><title>Sign in</title>{said}<form method=post>{hidden}{ask}<p>User <input name=username></p>"
        "<p>Password <input name=password type=password></p><button>Sign in</button></form>"
    )
