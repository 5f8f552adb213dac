"""Our side of the remote shell, with a scripted one in the place of pypsrp's."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.backends.powershell import RemoteShell, ShellSettings
from core.backends.powershell.shell import ShellRefused, invoke
from core.errors import CertificateError, NotFound, Refused, SignInFailed, TransportError, Unreachable
from tests.core.backends.webdav.conftest import Word

SETTINGS = ShellSettings("https://mail.example.org/PowerShell/", "alice", "office")


class AuthenticationError(Exception):
    """As pypsrp calls it."""


class Scripted:
    """What pypsrp's PowerShell does, from a script: `found` are its objects, `errors` its error records."""

    def __init__(self, found=(), errors=()) -> None:
        self.calls: list = []
        self.found, self.streams, self.had_errors = list(found), SimpleNamespace(error=list(errors)), bool(errors)

    def add_cmdlet(self, name: str) -> None:
        self.calls.append((name, {}))

    def add_parameter(self, name: str, value: object) -> None:
        self.calls[-1][1][name] = value

    def invoke(self):
        return self.found


def shell(answer) -> tuple[RemoteShell, Word]:
    word = Word("secret")

    def runner(settings, password, cmdlet, parameters):
        if isinstance(answer, Exception):
            raise answer
        return invoke(answer, cmdlet, parameters)

    return RemoteShell(SETTINGS, word, runner), word


async def test_a_cmdlet_gets_its_parameters_as_they_are():
    script = Scripted()
    await shell(script)[0].run("Set-MailboxCalendarFolder", {"Identity": "a@x:\\Calendar", "PublishEnabled": True})
    assert script.calls == [("Set-MailboxCalendarFolder", {"Identity": "a@x:\\Calendar", "PublishEnabled": True})]


async def test_objects_come_as_plain_properties():
    thing = SimpleNamespace(
        adapted_properties={"PublishEnabled": True, "DetailLevel": SimpleNamespace(to_string="AvailabilityOnly")},
        extended_properties={"PublishedICalUrl": "https://mail.example.org/x.ics", "Other": None},
    )
    (found,) = await shell(Scripted([thing]))[0].run("Get-MailboxCalendarFolder", {})
    assert found == {
        "PublishEnabled": True,
        "DetailLevel": "AvailabilityOnly",
        "PublishedICalUrl": "https://mail.example.org/x.ics",
        "Other": None,
    }


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (AuthenticationError("no"), SignInFailed),
        (ShellRefused("The policy doesn't allow it"), Refused),
        (ShellRefused("The specified object 'x' couldn't be found."), NotFound),
        (ConnectionRefusedError(111, "Connection refused"), Unreachable),
        (__import__("ssl").SSLError("certificate verify failed"), CertificateError),
        (RuntimeError("odd \x1b[31m"), TransportError),
    ],
)
async def test_each_failure_is_told_in_words_with_a_way_on(error, kind):
    with pytest.raises(kind) as caught:
        await shell(error)[0].run("Get-MailboxCalendarFolder", {})
    assert caught.value.hint
    assert "\x1b" not in caught.value.message


async def test_an_error_record_is_the_server_s_no():
    record = SimpleNamespace(fq_error="NotAllowed")
    with pytest.raises(Refused):
        await shell(Scripted(errors=[record]))[0].run("Set-MailboxCalendarFolder", {})


async def test_a_refused_password_is_forgotten():
    made, word = shell(AuthenticationError("no"))
    with pytest.raises(SignInFailed):
        await made.run("Get-MailboxCalendarFolder", {})
    assert word.forgotten == 1
