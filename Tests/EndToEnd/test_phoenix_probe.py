"""The Phoenix library with none of our topics, spoken to by a client that nobody here wrote: frames as Phoenix sends them."""

import asyncio
import json
import signal
import subprocess

import conftest
import pytest
import requests
import supabase_client
import websockets

# What is sent (>) and what Phoenix 1.7.24 answered (<), the references included.
CONVERSATION = """
> ["2","2","room:a","phx_join",{"k":1}]
< ["2","2","room:a","phx_reply",{"response":{"k":1},"status":"ok"}]
> ["2","3","room:a","echo",{"x":1}]
< ["2","3","room:a","phx_reply",{"response":{"x":1},"status":"ok"}]
> ["2","4","room:a","error",{"x":1}]
< ["2","4","room:a","phx_reply",{"response":{"x":1},"status":"error"}]
> ["2","5","room:a","noreply",{}]
> ["2","6","room:a","shout",{"m":1}]
< [null,null,"room:a","shout",{"m":1}]
> ["7","7","room:a","phx_join",{}]
< ["7","7","room:a","phx_reply",{"response":{},"status":"ok"}]
< ["2","2","room:a","phx_close",{}]
> ["7","8","room:a","crash",{}]
< ["7","7","room:a","phx_error",{}]
> ["1","14","room:forbidden","phx_join",{}]
< ["1","14","room:forbidden","phx_reply",{"response":{"reason":"unauthorized"},"status":"error"}]
> ["4","4","room:a","phx_join",{}]
< ["4","4","room:a","phx_reply",{"response":{},"status":"ok"}]
> ["4","5","room:a","stop",{}]
< ["4","5","room:a","phx_reply",{"response":{},"status":"ok"}]
< ["4","4","room:a","phx_close",{}]
"""


@pytest.fixture(scope="module")
def probe():
    """The process and its address."""
    process = subprocess.Popen([conftest.BINARIES / "phoenix-probe", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        port = process.stdout.readline().removeprefix("listening on ").strip()
        yield process, f"ws://127.0.0.1:{port}/socket/websocket?vsn=2.0.0&token="
    finally:
        process.kill()
        process.wait()


def test_a_conversation_is_phoenix_own(probe):
    async def talk():
        async with websockets.connect(probe[1] + "u1", ping_interval=None) as socket:
            for line in filter(None, CONVERSATION.splitlines()):
                if line.startswith("> "):
                    await socket.send(line[2:])
                else:
                    assert json.loads(await asyncio.wait_for(socket.recv(), 10)) == json.loads(line[2:])

    asyncio.run(talk())


def test_shout_ack_is_heard_by_all_and_answered(probe):
    async def talk():
        async with websockets.connect(probe[1] + "u1") as one, websockets.connect(probe[1] + "u2") as two:
            for socket in (one, two):
                await socket.send('["1","1","room:b","phx_join",{}]')
                await asyncio.wait_for(socket.recv(), 10)
            await one.send('["1","2","room:b","shout_ack",{"m":1}]')
            heard = [json.loads(await asyncio.wait_for(one.recv(), 10)) for _ in range(2)]
            assert [None, None, "room:b", "shout", {"m": 1}] in heard
            assert ["1", "2", "room:b", "phx_reply", {"response": {"m": 1}, "status": "ok"}] in heard
            assert json.loads(await asyncio.wait_for(two.recv(), 10))[3] == "shout"

    asyncio.run(talk())


def test_presence_is_told_as_a_diff_and_then_as_the_state(probe):
    async def talk():
        async with websockets.connect(probe[1] + "u1") as socket:
            await socket.send('["1","1","room:presence9","phx_join",{}]')
            frames = [json.loads(await asyncio.wait_for(socket.recv(), 10)) for _ in range(3)]
        reply, diff, state = frames
        assert reply == ["1", "1", "room:presence9", "phx_reply", {"response": {"joined": True}, "status": "ok"}]
        (meta,) = diff[4]["joins"]["u1"]["metas"]
        assert diff[:4] == [None, None, "room:presence9", "presence_diff"] and set(meta) == {"online_at", "phx_ref"}
        assert state == ["1", None, "room:presence9", "presence_state", {"u1": {"metas": [meta]}}]

    asyncio.run(talk())


def test_supabase_clients_broadcast_to_one_another(probe):
    url = probe[1].partition("/websocket")[0]
    with supabase_client.connect(url, "u1") as one, supabase_client.connect(url, "u2") as two:
        for client in (one, two):
            client.do("subscribe", topic="lobby", is_raw=False)
            client.wait_for("SUBSCRIBED", topic="realtime:lobby")
        for speaker, hearer in ((one, two), (two, one)):
            speaker.do("broadcast", topic="realtime:lobby", event="cursor", data={"x": 1, "y": [2, "é"]})
            heard = hearer.wait_for("broadcast", topic="realtime:lobby")["payload"]
            assert (heard["event"], heard["payload"]) == ("cursor", {"x": 1, "y": [2, "é"]})
        assert not any(kept["happening"] == "broadcast" for kept in one.kept + two.kept)


def test_long_poll_joins_and_hears_itself(probe):
    url = probe[1].replace("ws://", "http://").replace("/websocket", "/longpoll") + "u1"
    token = requests.get(url, timeout=20).json()["token"]
    session = f"{url}&token={token}"
    lines = '["1","1","room:l","phx_join",{}]\n["1","2","room:l","shout",{"m":1}]'
    answer = requests.post(session, lines, headers={"Content-Type": "application/x-ndjson"}, timeout=20)
    assert answer.json() == {"status": 200}
    polled = requests.get(session, timeout=20).json()
    assert (polled["status"], polled["token"]) == (200, token)
    assert [json.loads(message) for message in polled["messages"]] == [
        ["1", "1", "room:l", "phx_reply", {"response": {}, "status": "ok"}],
        [None, None, "room:l", "shout", {"m": 1}],
    ]


def test_a_bad_token_is_refused(probe):
    async def connect():
        async with websockets.connect(probe[1] + "bad"):
            pass

    with pytest.raises(websockets.exceptions.InvalidStatusCode) as refusal:
        asyncio.run(connect())
    assert refusal.value.status_code == 403


def test_the_end_asks_to_come_back(probe):
    async def wait_for_close():
        async with websockets.connect(probe[1] + "u1") as socket:
            await socket.send('["1","1","room:c","phx_join",{}]')
            await asyncio.wait_for(socket.recv(), 10)
            probe[0].send_signal(signal.SIGTERM)
            with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), 20)
            return closed.value.code

    assert asyncio.run(wait_for_close()) == 1012
    assert probe[0].wait(20) == 0
