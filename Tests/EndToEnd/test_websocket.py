"""What strangers do to the WebSocket: each has its clear answer, and nobody else notices."""

import asyncio
import json

import phoenix
import pytest
import requests
import websockets


def refusal(stack, token, **query):
    async def attempt():
        try:
            async with phoenix.connect(stack, token, **query):
                return 101
        except websockets.exceptions.InvalidStatusCode as error:
            return error.status_code

    return asyncio.run(attempt())


def test_without_a_good_token_nobody_connects(stack, token):
    good = token("alice")
    header, claims, signature = good.split(".")
    assert refusal(stack, good) == 101
    assert refusal(stack, None) == 403
    assert refusal(stack, "nonsense") == 403
    assert refusal(stack, f"{header}.{claims}.{signature[::-1]}") == 403
    assert refusal(stack, token("alice", "--ttl", "-1h")) == 403
    assert refusal(stack, good, version="3.0.0") == 403


def test_a_connection_ends_with_its_token(stack, token):
    async def wait():
        async with phoenix.connect(stack, token("alice", "--ttl", "2s")) as client:
            await asyncio.wait_for(client.socket.wait_closed(), 60)
            return client.socket.close_code

    # Never 1000: a client does not come back after that.
    assert asyncio.run(wait()) not in (None, 1000, 1005, 1006)


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
@pytest.mark.parametrize("frame", ["not json", "[]", '{"a":1}', '["1","1","room:a"]', "42"])
def test_a_malformed_frame_closes_with_1011(stack, token, version, frame):
    async def send():
        async with phoenix.connect(stack, token("alice"), version) as client:
            await client.socket.send(frame)
            await asyncio.wait_for(client.socket.wait_closed(), 30)
            return client.socket.close_code

    assert asyncio.run(send()) == 1011


def test_a_frame_over_the_limit_closes_with_1009(stack, token):
    async def send():
        async with phoenix.connect(stack, token("alice")) as client:
            await client.socket.send(json.dumps(["1", "1", "chat:room:1", "phx_join", {"pad": "x" * 2_000_000}]))
            await asyncio.wait_for(client.socket.wait_closed(), 30)
            return client.socket.close_code

    assert asyncio.run(send()) == 1009


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_a_topic_that_nobody_may_join_is_refused(stack, token, version):
    async def join():
        async with phoenix.connect(stack, token("alice"), version) as client:
            unknown = await client.join("secret:plans")
            others = await client.join("user:bob")
            fine = await client.join("chat:room:1")
            return unknown, others, fine

    unknown, others, fine = asyncio.run(join())
    assert unknown == {"status": "error", "response": {"reason": "unmatched topic"}}
    assert others["status"] == "error"
    assert others["response"]["reason"]
    assert fine["status"] == "ok"


def test_a_plain_request_to_the_socket_is_answered(stack):
    answer = requests.get(f"{stack.environment['GATEWAY_URL']}/socket/websocket", timeout=20)
    assert 400 <= answer.status_code < 500


def test_chat_reaches_everybody_in_either_version(stack, token):
    async def talk():
        async with phoenix.connect(stack, token("alice")) as alice, phoenix.connect(stack, token("bob"), "1.0.0") as bob:
            await alice.join("chat:room:7")
            await bob.join("chat:room:7")
            reply = await alice.request("chat:room:7", "new_message", {"content": "Hello, world! 👋 \"quoted\""})
            assert reply["status"] == "ok"
            message = await bob.event("new_message", topic="chat:room:7")
            assert message == await alice.event("new_message", topic="chat:room:7")
            refused = await bob.request("chat:room:7", "new_message", {"content": "x", "user_id": "alice"})
            blank = await bob.request("chat:room:7", "new_message", {"content": "  "})
            return message, refused, blank

    message, refused, blank = asyncio.run(talk())
    assert message["content"] == "Hello, world! 👋 \"quoted\""
    assert message["user_id"] == "alice"
    assert message["id"] and message["timestamp"].endswith("Z")
    assert refused["status"] == blank["status"] == "error"


def test_presence_follows_who_comes_and_goes(stack, token):
    async def watch():
        async with phoenix.connect(stack, token("alice")) as alice:
            await alice.join("presence:room:7", {"user_id": "alice", "status": "online"})
            await alice.event("presence_state")
            async with phoenix.connect(stack, token("bob")) as bob:
                await bob.join("presence:room:7", {"user_id": "bob", "status": "busy"})
                state = await bob.event("presence_state")
                _, _, _, joined = await alice.wait_for(
                    lambda r, t, event, payload: event == "presence_diff" and "bob" in payload["joins"])
            _, _, _, left = await alice.wait_for(
                lambda r, t, event, payload: event == "presence_diff" and "bob" in payload["leaves"])
            return state, joined, left

    state, joined, left = asyncio.run(watch())
    assert "alice" in state
    assert joined["joins"]["bob"]["metas"][0]["status"] == "busy"
    assert left["leaves"]["bob"]["metas"]


def test_a_comment_carries_its_place_in_the_stream(stack, token):
    async def comment():
        async with phoenix.connect(stack, token("alice")) as alice:
            await alice.join("comments:stream:789")
            await alice.send("comments:stream:789", "new_comment", {"content": "Great stream!", "timestamp": 12345})
            return await alice.event("new_comment")

    received = asyncio.run(comment())
    assert received["content"] == "Great stream!"
    assert received["user_id"] == "alice"
    assert received["timestamp"] == 12345
