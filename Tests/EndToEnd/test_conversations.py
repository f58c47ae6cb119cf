"""Backends say over HTTP and over the bus who belongs where, and clients see it at once."""

import asyncio
import http.server
import json
import secrets
import threading

import bus
import pytest
import requests
import websockets
from phoenix import connect

DENIED = {"status": "error", "response": {"reason": "Access denied"}}


class Api:
    """The gateway's server API."""

    def __init__(self, stack):
        self.url = stack.environment["GATEWAY_URL"] + "/api"
        self.headers = {"X-WebSocket-API-Key": stack.environment["API_KEY"]}

    def __call__(self, method, path, json=None, **query):
        return requests.request(method, self.url + path, json=json, params=query, headers=self.headers, timeout=10)


@pytest.fixture
def api(stack):
    return Api(stack)


@pytest.fixture
def names():
    mark = secrets.token_hex(4)
    return f"channel-{mark}", f"workspace-{mark}"


def updated(channel, **fields):
    return bus.envelope("conversation.updated", {"conversation_id": channel, "kind": "channel"} | fields)


def member(channel, user, action, **fields):
    return bus.envelope(
        "member.updated", {"conversation_id": channel, "kind": "channel", "user_id": user, "action": action} | fields
    )


def test_a_private_channel_is_for_its_members_for_as_long_as_they_are(stack, api, backend, token, names):
    channel, workspace = names
    topic = f"channel:{channel}"
    described = {
        "kind": "channel", "name": "secret", "type": "private", "description": "d", "workspace_id": workspace,
        "members": ["alice"],
    }
    shown = {"id": channel, "name": "secret", "type": "private", "description": "d"}

    async def scenario(shown=shown):
        async with connect(stack, token("watcher")) as watcher, connect(stack, token("alice")) as alice, connect(
            stack, token("bob")
        ) as bob:
            assert (await watcher.join(f"workspace:{workspace}"))["status"] == "ok"
            answer = api("PUT", f"/conversations/{channel}", described)
            assert answer.status_code == 201
            assert answer.json() == described | {"id": channel, "last_seq": 0, "member_count": 1, "owner_id": None}
            await bob.join("user:bob")
            assert (await alice.join(topic))["response"]["channel"] == shown
            assert await bob.join(topic) == DENIED

            backend.publish(member(channel, "bob", "added", name="Bob", avatar_url="https://example.com/bob.jpg"))
            assert await bob.event("member_joined", "user:bob") == {
                "channel_id": channel,
                "user": {"id": "bob", "name": "Bob", "avatar_url": "https://example.com/bob.jpg"},
            }
            assert (await bob.join(topic))["status"] == "ok"
            await bob.request(topic, "send_message", {"content": "hello"})
            await alice.event("new_message")

            backend.publish(member(channel, "bob", "removed"))
            assert await bob.event("phx_close", topic) == {}
            assert await bob.event("member_left", "user:bob") == {"channel_id": channel, "user_id": "bob"}
            assert await bob.join(topic) == DENIED
            await alice.request(topic, "send_message", {"content": "alone again"})
            assert api("GET", f"/conversations/{channel}").json()["last_seq"] == 2

            # The same over HTTP.
            assert api("PUT", f"/conversations/{channel}/members/bob").status_code == 201
            assert (await bob.join(topic))["status"] == "ok"
            assert api("DELETE", f"/conversations/{channel}/members/bob").status_code == 204
            await bob.event("phx_close", topic)
            assert await bob.join(topic) == DENIED

            # Of a private channel its workspace hears nothing, of an open one everything.
            backend.publish(updated(channel, name="renamed"))
            backend.publish(updated(channel, type="public"))
            shown |= {"name": "renamed", "type": "public"}
            assert await watcher.event("channel_created") == {"channel": shown}
            assert watcher.kept == []
            assert api("DELETE", f"/conversations/{channel}", kind="channel").status_code == 204
            await alice.event("phx_close", topic)
            assert await watcher.event("channel_deleted") == {"channel": shown}
            assert api("GET", f"/conversations/{channel}").status_code == 404
            # As if it had never been, open to all; but the numbers of messages are not given again.
            assert (await bob.join(topic))["response"]["seq"] == 2
            assert (await bob.event("messages_loaded", topic)) == {"messages": []}

    asyncio.run(scenario())


def test_an_event_that_comes_twice_takes_effect_once(stack, api, backend, token, names):
    channel, workspace = names

    async def scenario():
        async with connect(stack, token("watcher")) as watcher:
            await watcher.join(f"workspace:{workspace}")
            described = updated(channel, workspace_id=workspace, members=["alice"])
            backend.publish(described)
            await watcher.event("channel_created")
            backend.publish(member(channel, "alice", "removed"))
            backend.publish(described)
            backend.publish(member(channel, "carol", "added"))
            await watcher.event("member_joined")
            seen = [event for _, _, event, _ in watcher.kept]
            assert seen == ["member_left"]
            assert api("GET", f"/conversations/{channel}").json()["members"] == ["carol"]

    asyncio.run(scenario())


def test_what_cannot_be_read_is_parked_with_the_path_of_the_field(backend, names):
    event = updated(names[0], members=["a", 7])
    backend.publish(event)
    headers = backend.wait_for_parked("realtime.events", event["event_id"])
    assert "payload.members[1]: expected string, got integer" in str(headers)


def test_a_user_who_is_disconnected_comes_back(stack, api, token):
    user = f"user-{secrets.token_hex(4)}"

    async def scenario():
        async with connect(stack, token(user)) as phone, connect(stack, token("alice")) as alice:
            await phone.join("chat:room:1")
            assert api("POST", f"/users/{user}/disconnect").status_code == 202
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await phone.event("never", seconds=10)
            assert closed.value.rcvd.code not in (1000, 1001)
            assert (await alice.join("chat:room:1"))["status"] == "ok"
        async with connect(stack, token(user)) as phone:
            assert (await phone.join("chat:room:1"))["status"] == "ok"

    asyncio.run(scenario())


def test_a_backend_speaks_to_a_topic_over_http(stack, api, token):
    topic = f"chat:room:{secrets.token_hex(4)}"

    async def scenario():
        async with connect(stack, token("alice")) as alice:
            await alice.join(topic)
            event = {"topic": topic, "event": "poll_opened", "payload": {"poll_id": 7}}
            assert api("POST", "/broadcast", event).status_code == 202
            assert await alice.event("poll_opened", topic) == {"poll_id": 7}

    asyncio.run(scenario())


def test_without_the_key_nothing_is_done(stack, names):
    answer = requests.put(
        f"{stack.environment['GATEWAY_URL']}/api/conversations/{names[0]}", json={"kind": "channel"}, timeout=10
    )
    assert answer.status_code == 401 and "API key" in answer.json()["detail"]


class Deciding(http.server.BaseHTTPRequestHandler):
    """A backend that lets alice in, and notes what it is asked."""

    asked = []

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(question)
        answer = json.dumps({"allow": question["user_id"] == "alice"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def test_a_backend_may_decide_who_comes(stack, restarted, token, names):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Deciding)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    async def scenario():
        topic = f"channel:{names[0]}"
        async with connect(stack, token("alice")) as alice, connect(stack, token("bob")) as bob:
            for _ in range(2):
                assert (await alice.join(topic))["status"] == "ok"
                assert await bob.join(topic) == DENIED
            assert Deciding.asked == [
                {
                    "user_id": user, "conversation": {"kind": "channel", "id": names[0]}, "action": "join",
                    "claims": {"roles": [], "permissions": []},
                }
                for user in ["alice", "bob"]
            ]
            server.shutdown()
            server.server_close()
            refused = await alice.join("channel:another")
            assert refused["status"] == "error" and refused["response"]["reason"] == "unavailable"

    with restarted("realtime-gateway", AUTHORIZATION_URL=f"http://127.0.0.1:{server.server_port}/may"):
        asyncio.run(scenario())
