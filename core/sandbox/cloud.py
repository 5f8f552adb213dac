"""Homes whose only account is one of Microsoft 365, and what their person does in a browser to sign in."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import httpx

from core.config.paths import Paths
from core.config.settings import load
from core.errors import TransportError
from core.private import make_private_folder, replace_file
from core.sandbox.home import Home, about, in_toml

if TYPE_CHECKING:
    from core.ports.sign_in import InteractiveSignIn
    from core.sandbox.home import Sandbox
    from core.sandbox.people import Person

CLIENT = "2f6f7c1e-5d0b-4a3c-9a53-7f1d0f8f4b11"
"""The sandbox takes any app; in Microsoft 365 one registers one's own."""
ACCOUNT = "cloud"
_CONFIG = """
[accounts.cloud]
type = "microsoft365"
client_id = {client}
tenant = "example.org"
address = {address}
server = {server}
ca = {ca}
"""


def cloud_home(box: Sandbox, person: Person) -> Home:
    """A home of its own: no local calendars, no other mail than Microsoft 365's."""
    paths = Paths.below(box.root / f"cloud-{person.key}")
    for folder in (paths.config, paths.data, paths.state, paths.cache):
        make_private_folder(folder)
    values = in_toml(address=person.address, client=CLIENT, server=box.graph.url, ca=box.certificates.pem)
    config = paths.config / "config.toml"
    replace_file(config, (about(person, box.language) + _CONFIG.format(**values)).encode())
    return Home(person, load(config), paths, config, box.accounts.maildirs[person.key])


async def sign_in_by_code(box: Sandbox, person: Person, door: InteractiveSignIn) -> str:
    """The code is shown here and typed there; who is signed in then."""
    code = await door.begin_device()
    waiting = asyncio.create_task(door.finish_device(code))
    await _submit(box, code.address, {"code": code.code, **_known(box, person)})
    return await waiting


async def sign_in_by_address(box: Sandbox, person: Person, door: InteractiveSignIn) -> str:
    """The address is opened there, and the last one is pasted here."""
    address = await door.begin_code()
    answer = await _submit(box, address.address, _known(box, person))
    return await door.finish_code(address, answer.headers["location"])


def _known(box: Sandbox, person: Person) -> dict[str, str]:
    return {"username": person.key, "password": box.accounts.passwords[person.key]}


async def _submit(box: Sandbox, address: str, form: dict[str, str]) -> httpx.Response:
    """A browser's part: the form of the sign-in page. Raises TransportError."""
    context = ssl.create_default_context(cafile=str(box.certificates.pem))
    async with httpx.AsyncClient(verify=context, timeout=30) as browser:
        answer = await browser.post(address, data=form)
    if answer.status_code >= 400:
        raise TransportError(f"{answer.status_code}: {answer.text[:200]}")
    return answer
