"""The Socket.IO library with none of our events, spoken to by a client that nobody here wrote, over every transport."""

import os
import signal
import subprocess

import conftest
import pytest
import requests
import socketio_client

WAYS = {
    "polling": (["polling"], "polling"),
    "websocket": (["websocket"], "websocket"),
    "upgrade": (["polling", "websocket"], "websocket"),
}


@pytest.fixture(scope="module", params=["1", "2"], ids=["one-loop", "two-loops"])
def probe(request):
    """The process and its address; pings come fast, so that several pass in each test."""
    environment = os.environ | {"PORT": "0", "PING_INTERVAL": "200", "PING_TIMEOUT": "5000", "LOOPS": request.param}
    process = subprocess.Popen(
        [conftest.BINARIES / "socketio-probe"], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        line = ""
        while not line.startswith("listening on "):
            line = process.stdout.readline()
            assert line, "the probe has ended"
        yield process, f"http://127.0.0.1:{line.removeprefix('listening on ').strip()}"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("way", WAYS)
def test_events_answers_and_bytes_go_both_ways(probe, way):
    transports, transport = WAYS[way]
    arguments = [1, "é", {"3": [True, None]}, {"bytes": [1, 2, 255]}, {"deep": [{"bytes": []}]}]
    with socketio_client.client(probe[1]) as client:
        client.do("connect", transports=transports, namespaces=["/", "/custom"], auth={"token": "t"})
        greetings = [client.do("event") for _ in range(2)]
        assert sorted(greetings) == [["auth", "/", {"token": "t"}], ["auth", "/custom", {"token": "t"}]]
        assert client.do("transport") == transport
        for namespace in ("/", "/custom"):
            client.do("emit", event="message", arguments=arguments, namespace=namespace)
            assert client.do("event") == ["message-back", namespace, *arguments]
            assert client.do("call", event="message-with-ack", arguments=arguments, namespace=namespace) == arguments
        client.do("disconnect")


@pytest.mark.parametrize("way", WAYS)
def test_events_keep_their_order(probe, way):
    with socketio_client.client(probe[1]) as client:
        client.do("connect", transports=WAYS[way][0], namespaces=["/"])
        assert client.do("event") == ["auth", "/", {}]
        for number in range(100):
            client.do("emit", event="message", arguments=[number])
        assert [client.do("event")[2] for _ in range(100)] == list(range(100))


def test_other_namespaces_are_refused(probe):
    with socketio_client.client(probe[1]) as client:
        with pytest.raises(RuntimeError, match="namespaces failed to connect"):
            client.do("connect", transports=["websocket"], namespaces=["/nope"])


def test_refusals_are_socket_io_own(probe):
    for query, code, message in [
        ("EIO=3&transport=polling", 5, "Unsupported protocol version"),
        ("EIO=4", 0, "Transport unknown"),
        ("EIO=4&transport=polling&sid=zzz", 1, "Session ID unknown"),
        ("EIO=4&transport=websocket", 3, "Bad request"),
    ]:
        answer = requests.get(f"{probe[1]}/socket.io/?{query}", timeout=20)
        assert (answer.status_code, answer.json()) == (400, {"code": code, "message": message})


def test_the_end_is_clean(probe):
    with socketio_client.client(probe[1]) as client:
        client.do("connect", transports=["polling"], namespaces=["/"])
        probe[0].send_signal(signal.SIGTERM)
        assert probe[0].wait(20) == 0
