"""Signing in with Basic (RFC 7617) or Digest (RFC 7616), whichever the server asks for; one refusal is the last.

A server that locks accounts after some wrong passwords must not be helped to it: after a refusal no further request is
made with that password.
"""

from __future__ import annotations

import threading
from collections.abc import Generator

import httpx

Flow = Generator[httpx.Request, httpx.Response, None]


class PasswordRefused(Exception):
    """The server does not accept name and password; from now on nothing is sent with them."""


class UnsafeSignIn(Exception):
    """The server asks for a password in clear text."""


class SignIn(httpx.Auth):
    """Name and password for one server. The body is bytes, so that it can be sent again whole after a 401."""

    def __init__(self, username: str, password: str, *, clear_text: bool) -> None:
        self._name = username
        self._password = password
        self._clear_text = clear_text
        self._scheme: httpx.Auth | None = None
        self._lock = threading.Lock()
        self.refused = False

    def auth_flow(self, request: httpx.Request) -> Flow:
        """As httpx asks for it: requests out, answers in. Raises PasswordRefused, UnsafeSignIn."""
        if self.refused:
            raise PasswordRefused
        response = yield from self._attempt(request)
        if response.status_code != httpx.codes.UNAUTHORIZED or not self._name:
            return
        if self._scheme is not None:
            self._refuse()
        self._scheme = self._chosen(response)
        response = yield from self._attempt(request, response)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._refuse()

    def _refuse(self) -> None:
        with self._lock:
            self.refused = True
        raise PasswordRefused

    def _attempt(
        self, request: httpx.Request, asked: httpx.Response | None = None
    ) -> Generator[httpx.Request, httpx.Response, httpx.Response]:
        """Send it as the scheme says; the last answer. `asked`: the 401 that has just come."""
        if self._scheme is None:
            return (yield request)
        flow = self._scheme.auth_flow(request)
        response = asked
        prepared = next(flow)
        if response is not None and isinstance(self._scheme, httpx.DigestAuth):
            prepared = flow.send(response)  # the challenge is known already: no request without an answer to it
        while True:
            response = yield prepared
            try:
                prepared = flow.send(response)
            except StopIteration:
                return response

    def _chosen(self, response: httpx.Response) -> httpx.Auth:
        challenges = [text.strip().lower() for text in response.headers.get_list("www-authenticate")]
        if any(text.startswith("digest ") for text in challenges):
            return httpx.DigestAuth(self._name, self._password)
        if any(text.startswith("basic") or " basic realm" in text for text in challenges):
            if not self._clear_text:
                raise UnsafeSignIn
            return httpx.BasicAuth(self._name, self._password)
        self._refuse()
        raise PasswordRefused  # what _refuse does; said once more for whoever reads types
