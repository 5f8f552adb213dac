"""Passwords: where they come from, and that they appear nowhere else."""

import asyncio
import sys
from pathlib import Path

import pytest

from core.config import logs
from core.config.secrets import ConfiguredSecrets, run_password_command
from core.config.settings import SignIn
from core.errors import ConfigError, SignInFailed

SECRET = "canary-0815"


def command(code: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", code)


async def failure(*words: str, time_limit: float = 30) -> SignInFailed:
    with pytest.raises(SignInFailed) as failed:
        await run_password_command(words, "mail", time_limit)
    assert SECRET not in failed.value.message + failed.value.hint
    return failed.value


async def test_the_first_line_of_the_command_is_the_password():
    assert await run_password_command(command(f"print('{SECRET}'); print('other')"), "mail") == SECRET


async def test_spaces_belong_to_the_password():
    assert await run_password_command(command("print(' a b \\r')"), "mail") == " a b "


async def test_no_shell_reads_the_command():
    assert await run_password_command(("printf", "%s", "$HOME;`id`"), "mail") == "$HOME;`id`"


async def test_what_the_command_complains_about_is_the_reason():
    error = await failure(*command("import sys; print('no such entry', file=sys.stderr); sys.exit(3)"))
    assert "no such entry" in error.message


async def test_a_complaint_that_repeats_the_password_is_not_shown():
    error = await failure(
        *command(f"import sys; print('{SECRET}'); print('bad {SECRET}', file=sys.stderr); sys.exit(3)")
    )
    assert "3" in error.message


async def test_an_empty_answer_is_no_password():
    await failure(*command("print()"))


async def test_a_program_that_is_not_there_is_named():
    assert "no-such-program" in (await failure("/nonexistent/no-such-program")).message


async def test_a_command_that_never_answers_is_ended():
    error = await failure(*command("import time; time.sleep(600)"), time_limit=0.3)
    assert "0" in error.message


async def test_the_password_is_read_once_and_then_kept(tmp_path: Path):
    count = tmp_path / "count"
    code = f"open({str(count)!r}, 'a').write('x'); print('{SECRET}')"
    secrets = ConfiguredSecrets({"mail": SignIn("alice", password_command=command(code))})
    await asyncio.gather(secrets.password("mail"), secrets.password("mail"))
    assert count.read_text() == "x"


async def test_a_forgotten_password_is_read_again(tmp_path: Path):
    count = tmp_path / "count"
    code = f"open({str(count)!r}, 'a').write('x'); print('{SECRET}')"
    secrets = ConfiguredSecrets({"mail": SignIn("alice", password_command=command(code))})
    await secrets.password("mail")
    secrets.forget("mail")
    await secrets.password("mail")
    assert count.read_text() == "xx"


async def test_an_account_without_a_password_says_how_to_give_one():
    with pytest.raises(SignInFailed) as failed:
        await ConfiguredSecrets({}).password("mail")
    assert "password_command" in failed.value.hint


async def test_a_password_that_was_read_never_gets_into_the_log():
    await ConfiguredSecrets({"mail": SignIn("alice", password="hunter2-canary")}).password("mail")
    assert "hunter2" not in logs.redact("server said: hunter2-canary is wrong")


async def test_the_key_ring_is_an_extra_and_its_absence_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError) as failed:
        await ConfiguredSecrets({"mail": SignIn("alice", keyring=True)}).password("mail")
    assert "partagenda[keyring]" in failed.value.hint
