"""Which entry of the configuration serves an address."""

from __future__ import annotations

import pytest

from core.backends.folder import FolderTarget
from core.backends.sftp import SftpTarget
from core.backends.targets import ConfiguredTargets
from core.backends.webdav import WebDavTarget
from core.config.settings import SignIn, WebDavEntry
from core.errors import UsageError
from tests.core.backends.webdav.conftest import Word

READ = WebDavEntry("https://dav.example.org/public/")
TEAM = WebDavEntry("https://dav.example.org/team", SignIn("alice"), public="https://www.example.org/")
SITE = WebDavEntry("/srv/www/calendars/", public="https://www.example.org/site/")


@pytest.fixture
def targets() -> ConfiguredTargets:
    return ConfiguredTargets([READ, TEAM, SITE], Word("secret"))


def test_one_publishes_where_one_signs_in_and_not_where_one_only_reads(targets):
    assert targets.known() == ("https://dav.example.org/team/", "/srv/www/calendars/")


def test_others_read_at_the_public_address(targets):
    assert targets.read_address("https://dav.example.org/team/a%20b.ics") == "https://www.example.org/a%20b.ics"
    assert targets.read_address("/srv/www/calendars/a b.ics") == "https://www.example.org/site/a%20b.ics"


def test_without_one_they_read_where_it_lies(targets):
    assert targets.read_address("https://other.example.org/a.ics") == "https://other.example.org/a.ics"


def test_a_path_is_a_folder_and_an_address_a_server(targets):
    assert isinstance(targets.target("/tmp/x/a.ics"), FolderTarget)
    assert isinstance(targets.target("https://dav.example.org/team/a.ics"), WebDavTarget)


def test_an_address_behind_ssh_is_given_out_by_its_public_one():
    entry = WebDavEntry("sftp://web/~/www", public="https://www.example.org/")
    targets = ConfiguredTargets([entry], Word(""))
    assert isinstance(targets.target("sftp://web/~/www/a.ics"), SftpTarget)
    assert (targets.known(), targets.read_address("sftp://web/~/www/a%20b.ics")) == (
        ("sftp://web/~/www/",),
        "https://www.example.org/a%20b.ics",
    )


def test_one_connection_serves_everything_below_an_entry(targets):
    one, two = (targets.target(f"https://dav.example.org/team/{name}.ics") for name in "ab")
    assert one is two


@pytest.mark.parametrize(
    "address", ["ftp://example.org/", "calendars/", "https:///x", "sftp://-x/a/", "https://a:b@dav.example.org/x"]
)
def test_what_is_no_place_is_said_with_a_hint(targets, address):
    with pytest.raises(UsageError) as caught:
        targets.target(address)
    assert caught.value.hint
