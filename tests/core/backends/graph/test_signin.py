"""Signing in to the sandbox with msal: both ways, tokens on disk, what is refused and how it is said."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from core.backends.graph.account import GraphAccount
from core.backends.graph.signin import SignIn, answer_in
from core.backends.graph.tokens import TokenFile
from core.errors import SignInFailed, StorageError, UsageError
from core.sandbox.people import ALICE, BRUNO, CLARA
from tests.core.backends.graph.conftest import PARIS, now, settings_for
from tests.graph_world import GraphWorld


@pytest.fixture
def sign_in(world: GraphWorld) -> SignIn:
    return SignIn(settings_for(world))


async def by_device(world: GraphWorld, sign_in: SignIn, person=ALICE) -> str:
    code = await sign_in.begin_device()
    waiting = asyncio.create_task(sign_in.finish_device(code))
    await asyncio.to_thread(world.approve, code.code, person)
    return await waiting


async def test_a_code_typed_elsewhere_signs_in(world: GraphWorld, sign_in: SignIn):
    assert await by_device(world, sign_in) == ALICE.address
    assert (await sign_in.token()).startswith("sandbox-access-")


async def test_a_pasted_address_signs_in(world: GraphWorld, sign_in: SignIn):
    address = await sign_in.begin_code()
    pasted = await asyncio.to_thread(world.follow, address.address)
    assert await sign_in.finish_code(address, f"  {pasted}\n") == ALICE.address


async def test_an_address_of_another_sign_in_is_refused(world: GraphWorld, sign_in: SignIn):
    first, second = await sign_in.begin_code(), await sign_in.begin_code()
    pasted = await asyncio.to_thread(world.follow, first.address)
    with pytest.raises(UsageError):
        await sign_in.finish_code(second, pasted)


def test_an_address_without_a_code_is_explained():
    with pytest.raises(UsageError) as caught:
        answer_in("https://login.microsoftonline.com/common/oauth2/nativeclient")
    assert "address bar" in caught.value.hint


async def test_tokens_are_kept_for_the_person_alone(world: GraphWorld, sign_in: SignIn):
    await by_device(world, sign_in)
    assert stat.S_IMODE(settings_for(world).tokens.stat().st_mode) == 0o600
    again = SignIn(settings_for(world))
    assert await again.signed_in() == ALICE.address
    assert await again.token() == await sign_in.token()


async def test_a_token_file_that_others_can_read_is_refused(world: GraphWorld, sign_in: SignIn):
    await by_device(world, sign_in)
    settings_for(world).tokens.chmod(0o644)
    with pytest.raises(StorageError):
        await SignIn(settings_for(world)).token()


async def test_a_token_that_ends_is_renewed_without_asking(world: GraphWorld, sign_in: SignIn):
    world.server.sign_ins.life = 60  # msal renews five minutes before the end
    await by_device(world, sign_in)
    first = await sign_in.token()
    assert await sign_in.token() != first


async def test_without_signing_in_it_is_said_how(world: GraphWorld, sign_in: SignIn):
    with pytest.raises(SignInFailed) as caught:
        await sign_in.token()
    assert "account check cloud" in caught.value.hint


async def test_a_withdrawn_sign_in_is_said(world: GraphWorld, sign_in: SignIn):
    await by_device(world, sign_in)
    world.server.sign_ins.revoke()
    with pytest.raises(SignInFailed):
        await sign_in.token(fresh=True)


async def test_signing_out_leaves_no_token(world: GraphWorld, sign_in: SignIn):
    await by_device(world, sign_in)
    assert await sign_in.sign_out()
    assert not settings_for(world).tokens.exists()
    assert await sign_in.signed_in() == ""
    with pytest.raises(SignInFailed):
        await sign_in.token()


async def test_signing_out_of_nothing_is_nothing(world: GraphWorld, sign_in: SignIn):
    assert not await sign_in.sign_out()


async def test_where_codes_are_blocked_the_other_way_is_named(world: GraphWorld, sign_in: SignIn):
    world.server.sign_ins.block_device_code = True
    with pytest.raises(SignInFailed) as caught:
        await by_device(world, sign_in)
    assert "paste" in caught.value.hint


async def test_another_person_than_the_accounts_is_refused_and_nothing_kept(world: GraphWorld, sign_in: SignIn):
    with pytest.raises(SignInFailed) as caught:
        await by_device(world, sign_in, BRUNO)
    assert BRUNO.address in caught.value.message
    assert not settings_for(world).tokens.exists()


async def test_somebody_outside_the_organisation_is_refused(world: GraphWorld, sign_in: SignIn):
    with pytest.raises(SignInFailed):
        await by_device(world, sign_in, CLARA)


async def test_waiting_for_the_code_ends_at_once_when_it_is_given_up(world: GraphWorld, sign_in: SignIn):
    code = await sign_in.begin_device()
    waiting = asyncio.create_task(sign_in.finish_device(code))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 5)
    assert code.flow["expires_at"] == 0


async def test_a_real_token_of_msal_reads_the_mailbox(world: GraphWorld):
    account = GraphAccount(settings_for(world), PARIS, now)
    await by_device(world, account.sign_in)
    report = await account.calendars.check()
    assert (report.server, report.mailbox) == ("Microsoft 365", ALICE.address)
    assert "calendars" in report.abilities
    await account.session.close()


@pytest.mark.parametrize("data", [b'{"AccessToken": {', b"\xff", b"[1]", b'{"Account": [1]}', b"[" * 100_000])
def test_a_damaged_file_of_tokens_counts_as_nobody_signed_in(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "tokens.json"
    path.write_bytes(data)
    path.chmod(0o600)
    with TokenFile(path).held() as cache:
        assert cache.serialize() == "{}"
