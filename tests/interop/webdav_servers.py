"""WebDAV servers that nobody here wrote, started on loopback with a folder and a person, and stopped again."""

from __future__ import annotations

import crypt
import os
import pwd
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path

import pytest

from tests.interop.peers import program
from tests.ports import free_port

NAME, WORD, REALM = "alice", "correct horse", "calendars"
LIMIT = 24 * 1024
"""Bytes that a server with a limit takes or can store."""


@dataclass
class Running:
    """A server. `disk`: where its files are, None where it keeps them in a form of its own."""

    url: str
    disk: Path | None = None
    signs_in: bool = True
    lists: bool = True
    makes_folders: bool = True
    verbatim: bool = True
    """Whether it gives back the bytes that it was given."""
    process: subprocess.Popen | None = field(default=None, repr=False)


@contextmanager
def started(
    argv: list[str | Path], port: int, *, limit: int = 0, env: dict[str, str] | None = None, cwd=None
) -> Iterator:
    """The process, once its port answers. `limit`: no file of it can grow beyond so many bytes, as on a full disk."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    # Python keeps half a module without a word where a file cannot grow; the next process that imports it then fails
    whole = {"PYTHONDONTWRITEBYTECODE": "1"} if limit else {}
    log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
    process = subprocess.Popen(
        [str(word) for word in argv], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        preexec_fn=bound if limit else None, env={**os.environ, **whole, **(env or {})},
    )  # fmt: skip
    try:
        for _attempt in range(400):
            if process.poll() is not None:
                log.seek(0)
                pytest.fail(f"{argv[0]} ended: {log.read().decode(errors='replace')[-2000:]}")
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        else:
            pytest.fail(f"{argv[0]} does not listen")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that a server under another name can enter and write."""
    root = Path(tempfile.mkdtemp(prefix="partagenda-dav-"))
    root.chmod(0o755)
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def wsgidav(limit: int = 0) -> Iterator[Running]:
    """The sandbox's library, as its own program."""
    port = free_port()
    with open_folder() as root:
        files = root / "files"
        files.mkdir()
        config = root / "wsgidav.yaml"
        config.write_text(
            f"host: 127.0.0.1\nport: {port}\nprovider_mapping:\n  '/': '{files}'\nverbose: 0\n"
            f"simple_dc:\n  user_mapping:\n    '*':\n      {NAME}:\n        password: '{WORD}'\n"
        )
        binary = Path(sys.executable).with_name("wsgidav")
        with started([binary, "--config", config], port, limit=limit):
            yield Running(f"http://127.0.0.1:{port}/", files)


def _apache(kind: str) -> Callable[..., object]:
    @contextmanager
    def run(limit: int = 0) -> Iterator[Running]:
        port, binary = free_port(), shutil.which("apache2") or "/usr/sbin/apache2"
        if not Path(binary).exists():
            pytest.skip("apache2 is not installed (make interop installs it)")
        with open_folder() as root:
            files = root / "files" / "dav"
            files.mkdir(parents=True)
            user = ""
            if os.geteuid() == 0:
                other = pwd.getpwnam("www-data")
                for each in (root, files.parent, files):
                    os.chown(each, other.pw_uid, other.pw_gid)
                user = "User www-data\nGroup www-data\n"
            config = root / "apache.conf"
            config.write_text(_apache_config(root, port, kind, user, limit))
            with started([binary, "-f", config, "-DFOREGROUND"], port):
                yield Running(f"http://127.0.0.1:{port}/dav/", files)

    return run


def _apache_config(root: Path, port: int, kind: str, user: str, limit: int) -> str:
    modules = [
        *("mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "auth_digest"),
        *("dav", "dav_fs", "deflate", "filter", "mime"),
    ]
    if kind == "digest":
        secret = md5(f"{NAME}:{REALM}:{WORD}".encode()).hexdigest()
        (root / "people").write_text(f"{NAME}:{REALM}:{secret}\n")
        auth = f'AuthType Digest\nAuthUserFile "{root}/people"\n'
    else:
        (root / "people").write_text(f"{NAME}:{crypt.crypt(WORD, crypt.mksalt(crypt.METHOD_SHA256))}\n")
        auth = f'AuthType Basic\nAuthUserFile "{root}/people"\n'
    (root / "people").chmod(0o644)
    loaded = "".join(f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so\n" for one in modules)
    most = f"LimitRequestBody {limit}\n" if limit else ""
    return (
        f'{loaded}ServerName localhost\nListen 127.0.0.1:{port}\nServerRoot "{root}"\nPidFile "{root}/files/pid"\n'
        f'ErrorLog "{root}/files/log"\nDocumentRoot "{root}/files"\nDavLockDB "{root}/files/lock"\n{user}'
        f"Mutex file:{root}/files\nStartServers 1\n"
        "AddOutputFilterByType DEFLATE text/calendar text/html\nSetOutputFilter DEFLATE\n"
        f'TypesConfig /dev/null\nAddType text/calendar .ics\n<Directory "{root}/files/dav">\nDav On\n'
        f'DavMinTimeout 5\n{auth}AuthName "{REALM}"\nRequire valid-user\n{most}</Directory>\n'
    )


@contextmanager
def nginx(limit: int = 0) -> Iterator[Running]:
    """nginx with its own PUT, DELETE, MKCOL, MOVE, and PROPFIND by dav-ext."""
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    module = Path("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so")
    if not Path(binary).exists() or not module.exists():
        pytest.skip("nginx with dav-ext is not installed (make interop installs it)")
    port = free_port()
    with open_folder() as root:
        files = root / "files" / "dav"
        files.mkdir(parents=True)
        (root / "people").write_text(f"{NAME}:{crypt.crypt(WORD, crypt.mksalt(crypt.METHOD_SHA256))}\n")
        user = "user root;\n" if os.geteuid() == 0 else ""
        (root / "nginx.conf").write_text(
            f'load_module "{module}";\n{user}pid {root}/pid;\nerror_log {root}/log;\ndaemon off;\n'
            f"events {{}}\nhttp {{\naccess_log off;\nclient_body_temp_path {root}/body;\n"
            f"proxy_temp_path {root}/p;\nfastcgi_temp_path {root}/f;\nuwsgi_temp_path {root}/u;\n"
            f"scgi_temp_path {root}/s;\ngzip on;\ngzip_types text/calendar;\n"
            f"client_max_body_size {limit or 10_000_000};\nserver {{\nlisten 127.0.0.1:{port};\nroot {root}/files;\n"
            f'location /dav/ {{\nauth_basic "{REALM}";\nauth_basic_user_file {root}/people;\n'
            "dav_methods PUT DELETE MKCOL COPY MOVE;\ndav_ext_methods PROPFIND OPTIONS;\n}\n}\n}\n"
        )
        with started([binary, "-c", root / "nginx.conf", "-p", root, "-e", root / "log"], port):
            yield Running(f"http://127.0.0.1:{port}/dav/", files)


@contextmanager
def rclone(limit: int = 0) -> Iterator[Running]:
    """rclone serve webdav."""
    binary, port = program("rclone"), free_port()
    with open_folder() as root:
        files = root / "files"
        files.mkdir()
        argv = [
            *(binary, "serve", "webdav", files, "--addr", f"127.0.0.1:{port}", "--user", NAME, "--pass", WORD),
            *("--config", root / "rclone.conf", "--cache-dir", root / "cache"),
        ]
        with started(argv, port, limit=limit, env={"HOME": str(root)}):
            yield Running(f"http://127.0.0.1:{port}/", files)


@contextmanager
def radicale(limit: int = 0) -> Iterator[Running]:
    """Radicale, a calendar server: what is put there becomes a calendar of its own making."""
    binary, port = program("radicale"), free_port()
    with open_folder() as root:
        (root / "people").write_text(f"{NAME}:{WORD}\n")
        argv = [
            *(binary, "--server-hosts", f"127.0.0.1:{port}", "--auth-type", "htpasswd"),
            *("--auth-htpasswd-filename", root / "people", "--auth-htpasswd-encryption", "plain"),
            *("--storage-filesystem-folder", root / "store", "--auth-delay", "0"),
            *(("--server-max-content-length", str(limit)) if limit else ()),
        ]
        with started(argv, port, env={"HOME": str(root)}):
            yield Running(f"http://127.0.0.1:{port}/{NAME}/", None, verbatim=False, makes_folders=False)


@contextmanager
def xandikos(limit: int = 0) -> Iterator[Running]:
    """xandikos, a calendar server over git; it has no sign-in of its own."""
    binary, port = program("xandikos"), free_port()
    with open_folder() as root:
        argv = [
            *(binary, "serve", "-d", root / "store", "--defaults", "--current-user-principal", f"/{NAME}/"),
            *("-l", "127.0.0.1", "-p", str(port)),
        ]
        with started(argv, port, limit=limit, env={"HOME": str(root)}):
            yield Running(f"http://127.0.0.1:{port}/{NAME}/calendars/calendar/", None, signs_in=False, verbatim=False)


SERVERS = {
    "wsgidav": wsgidav,
    "Apache, Basic": _apache("basic"),
    "Apache, Digest": _apache("digest"),
    "nginx": nginx,
    "rclone": rclone,
    "Radicale": radicale,
    "xandikos": xandikos,
}
