"""The base of the sandbox's HTTP servers: connections that are kept, and faults that happen when they are meant."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading

import pytest

from core.sandbox.http import Answer, Break, Fault, HttpServer, redirect
from core.sandbox.servers import Certificates


class Echo(HttpServer):
    def __init__(self, certificates=None):
        super().__init__(certificates, "echo")
        self.done = []

    def answer(self, request):
        self.done.append(request.body)
        if request.path == "/crash":
            raise ValueError("planted")
        if request.path == "/stream":
            return Answer(stream=iter([b"one,", b"two"]))
        request.connection.state["count"] = request.connection.state.get("count", 0) + 1
        return Answer(body=b"%s %d" % (request.body, request.connection.state["count"]))


@pytest.fixture
def echo():
    with Echo() as server:
        yield server
    assert not server.crashes


def connect(server):
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)


def say(connection, body=b"hello", path="/", **headers):
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def expect_a_cut(server):
    with pytest.raises((http.client.HTTPException, OSError)):
        say(connect(server))


def test_a_connection_is_kept_and_remembered(echo):
    connection = connect(echo)
    assert [say(connection), say(connection)] == [(200, b"hello 1"), (200, b"hello 2")]


def test_another_connection_has_a_memory_of_its_own(echo):
    say(connect(echo))
    assert say(connect(echo)) == (200, b"hello 1")


def test_a_chunked_body_is_read(echo):
    connection = connect(echo)
    connection.request(
        "POST", "/", iter([b"one", b"two"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
    )
    assert connection.getresponse().read() == b"onetwo 1"


def test_a_stream_is_sent_in_pieces(echo):
    assert say(connect(echo), path="/stream") == (200, b"one,two")


def test_tls_is_real(tmp_path):
    certificates = Certificates(tmp_path)
    with Echo(certificates) as server:
        context = ssl.create_default_context(cafile=certificates.pem)
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=20, context=context)
        assert say(connection) == (200, b"hello 1")
        with pytest.raises(ssl.SSLCertVerificationError):
            say(http.client.HTTPSConnection("127.0.0.1", server.port, timeout=20))


def test_a_failing_answer_is_a_500_and_kept_for_the_test():
    with Echo() as server:
        assert say(connect(server), path="/crash")[0] == 500
        assert "planted" in server.crashes[0]


def test_a_cut_before_leaves_nothing_done(echo):
    echo.faults.add(Fault(Break.CUT_BEFORE))
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        say(connect(echo))
    assert echo.done == []


def test_a_cut_after_has_done_it(echo):
    echo.faults.add(Fault(Break.CUT_AFTER))
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        say(connect(echo))
    assert echo.done == [b"hello"]


def test_half_an_answer_is_noticed_by_its_length(echo):
    echo.faults.add(Fault(Break.HALF))
    with pytest.raises(http.client.IncompleteRead):
        say(connect(echo))


def test_a_fault_happens_as_often_as_it_was_asked_for(echo):
    echo.faults.add(Fault(Break.ANSWER, times=2, answer=Answer(503)))
    assert [say(connect(echo))[0] for _n in range(3)] == [503, 503, 200]
    assert echo.faults.happened == 2


def test_a_fault_means_only_the_requests_that_it_names(echo):
    echo.faults.add(Fault(Break.ANSWER, lambda request: request.path == "/a", answer=redirect("/elsewhere")))
    assert [say(connect(echo), path=path)[0] for path in ("/b", "/a")] == [200, 302]


def test_a_fault_without_end_lasts_until_it_is_cleared(echo):
    echo.faults.add(Fault(Break.ANSWER, times=0))
    assert [say(connect(echo))[0] for _n in range(3)] == [503] * 3
    echo.faults.clear()
    assert say(connect(echo))[0] == 200


def test_a_dripped_answer_arrives_whole(echo):
    echo.faults.add(Fault(Break.DRIP, seconds=0.001))
    assert say(connect(echo)) == (200, b"hello 1")


def test_leaving_ends_connections_that_wait():
    with Echo() as server:
        server.faults.add(Fault(Break.DELAY, seconds=600))
        waiting = threading.Thread(target=expect_a_cut, args=(server,), daemon=True)
        waiting.start()
        while not server.faults.happened:
            waiting.join(0.01)
    waiting.join(20)
    assert not waiting.is_alive()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), 1)
