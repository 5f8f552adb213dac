"""The sandbox's WebDAV server: one's own folder is one's own, and what lies there is read by who knows its name."""

from __future__ import annotations

import ssl

import httpx
import pytest

from core.sandbox.people import ALICE, BRUNO, Accounts
from core.sandbox.servers import Certificates
from core.sandbox.webdav import WebDavServer


@pytest.fixture
def server(tmp_path):
    accounts, certificates = Accounts.fresh(tmp_path), Certificates(tmp_path)
    with WebDavServer(tmp_path / "webdav", accounts, certificates) as running:
        running.accounts, running.context = accounts, ssl.create_default_context(cafile=str(certificates.pem))
        yield running


def ask(server, method: str, address: str, *, digest: str = "", basic: str = "", content: bytes = b"") -> int:
    auth = None
    if digest:
        auth = httpx.DigestAuth("alice", digest)
    elif basic:
        auth = httpx.BasicAuth("alice", basic)
    with httpx.Client(verify=server.context, timeout=20) as client:
        # a PROPFIND first, so that Digest knows its challenge before a body is sent
        if digest:
            client.request("PROPFIND", server.address(ALICE), auth=auth, headers={"Depth": "0"})
        return client.request(method, address, auth=auth, content=content).status_code


def test_one_s_own_folder_is_written_with_basic_sign_in(server):
    address = server.address(ALICE) + "a.ics"
    assert ask(server, "PUT", address, basic=server.accounts.passwords["alice"], content=b"hi") == 201
    assert (server.folder(ALICE) / "a.ics").read_bytes() == b"hi"


def test_one_s_own_folder_is_written_with_digest_sign_in(server):
    address = server.address(ALICE) + "a.ics"
    assert ask(server, "PUT", address, digest=server.accounts.passwords["alice"], content=b"hi") == 201


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PROPFIND", "GET"])
def test_nobody_comes_into_another_s_folder(server, method):
    address = server.address(BRUNO) + "a.ics"
    assert ask(server, method, address, basic=server.accounts.passwords["alice"]) == 401


def test_without_signing_in_nothing_is_written(server):
    assert ask(server, "PUT", server.address(ALICE) + "a.ics", content=b"hi") == 401
    assert list(server.folder(ALICE).iterdir()) == []


def test_a_file_is_read_by_anybody_who_knows_its_name(server):
    (server.folder(ALICE) / "k3mdf81x.ics").write_bytes(b"hi")
    assert ask(server, "GET", server.public_address(ALICE) + "k3mdf81x.ics") == 200


@pytest.mark.parametrize("method", ["PROPFIND", "PUT", "DELETE", "MOVE", "OPTIONS"])
def test_the_public_address_lists_and_changes_nothing(server, method):
    (server.folder(ALICE) / "a.ics").write_bytes(b"hi")
    assert ask(server, method, server.public_address(ALICE)) == 405
    assert ask(server, method, server.public_address(ALICE) + "a.ics") == 405
    assert (server.folder(ALICE) / "a.ics").read_bytes() == b"hi"


@pytest.mark.parametrize("where", ["", "..", "%2e%2e/bruno/", "../../alice/password"])
def test_the_public_address_shows_no_folder(server, where):
    (server.folder(BRUNO) / "b.ics").write_bytes(b"hi")
    assert ask(server, "GET", server.public_address(ALICE) + where) in (401, 403, 404)
