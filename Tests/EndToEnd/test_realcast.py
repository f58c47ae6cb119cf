"""Contract 4 as its examples have it: stream chat, moderation, reactions, figures, on python-socketio."""

import asyncio
import contextlib
import time
import uuid

import bus
import phoenix
import pytest
import socketio
from socket_client import connect


@pytest.fixture
def url(stack):
    return stack.environment["GATEWAY_URL"]


@pytest.fixture
def stream():
    return f"stream_{uuid.uuid4().hex[:8]}"


@pytest.fixture
def client(url, token):
    """Opens clients that are authenticated as they connect: client("user_abc123", "--name", "GamerPro")."""
    with contextlib.ExitStack() as open_clients:

        def open_client(user, *claims, transports=("websocket",)):
            auth = {"token": token(user, *claims), "app_id": "app_xyz789"}
            client = open_clients.enter_context(connect(url, auth, transports))
            assert client.wait_for("authenticated")["user_id"] == user
            return client

        yield open_client


def join(client, stream, user, name=None):
    payload = {"stream_id": stream, "user_id": user}
    if name:
        payload["username"] = name
    client.emit("chat:join", payload)
    return client.wait_for("chat:joined")


def test_authentication_while_connecting(client):
    client("user_abc123")


def test_authentication_after_connecting(url, token):
    with connect(url) as sio:
        sio.emit("authenticate", {"token": token("user_abc123"), "app_id": "app_xyz789"})
        assert sio.wait_for("authenticated")["user_id"] == "user_abc123"


def test_a_token_that_does_not_hold(url):
    with connect(url) as sio:
        sio.emit("authenticate", {"token": "your_jwt_token", "app_id": "app_xyz789"})
        assert sio.wait_for("unauthorized")["message"]
    with pytest.raises(socketio.exceptions.ConnectionError):
        with connect(url, {"token": "your_jwt_token", "app_id": "app_xyz789"}):
            pass


def test_events_before_authentication_are_refused(url, stream):
    with connect(url) as sio:
        sio.emit("chat:join", {"stream_id": stream, "user_id": "user_abc123", "username": "GamerPro"})
        assert sio.wait_for("error")["type"] == "authentication_failed"


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
def test_chat(client, stream, transports):
    gamer = client("user_abc123", "--name", "GamerPro", transports=transports)
    other = client("user_xyz789", "--name", "Other")
    assert join(gamer, stream, "user_abc123", "GamerPro") | {"seq": 0} == {
        "stream_id": stream, "online_users": 1, "seq": 0, "recovered": False,
    }  # fmt: skip
    assert join(other, stream, "user_xyz789")["online_users"] == 2
    gamer.emit("chat:typing", {"stream_id": stream, "user_id": "user_abc123", "username": "GamerPro"})
    assert other.wait_for("chat:typing") == {"stream_id": stream, "user_id": "user_abc123", "username": "GamerPro"}
    gamer.emit(
        "chat:message",
        {"stream_id": stream, "message": "Hello everyone! 👋", "user_id": "user_abc123", "username": "GamerPro"},
    )
    for hearer in (gamer, other):
        message = hearer.wait_for("chat:message")
        assert message["message_id"].startswith("msg_")
        assert message["timestamp"].endswith("Z")
        del message["message_id"], message["timestamp"]
        assert message == {
            "stream_id": stream, "user_id": "user_abc123", "username": "GamerPro", "message": "Hello everyone! 👋",
            "seq": 1,
        }  # fmt: skip
    assert not gamer.has_heard("chat:typing")
    gamer.emit("chat:leave", {"stream_id": stream, "user_id": "user_abc123"})
    answer = gamer.call("chat:message", {"stream_id": stream, "message": "still there?"})
    assert answer["status"] == "error" and answer["error"]["type"] == "permission_denied"


def test_nobody_speaks_in_somebody_elses_name(client, stream):
    gamer = client("user_abc123", "--name", "GamerPro")
    join(gamer, stream, "user_abc123")
    gamer.emit("chat:message", {"stream_id": stream, "message": "hi", "user_id": "user_xyz789"})
    assert gamer.wait_for("error")["type"] == "permission_denied"
    gamer.emit("chat:message", {"stream_id": stream, "message": "hi", "username": "Somebody"})
    assert gamer.wait_for("error")["type"] == "permission_denied"


def test_stream_events_from_the_backend(client, stream, backend):
    viewer = client("user_abc123")
    viewer.emit("stream:subscribe", {"stream_id": stream})
    assert viewer.wait_for("stream:subscribed")["stream_id"] == stream
    started = "2024-12-09T10:00:00Z"
    backend.publish(bus.envelope("stream.live", {"stream_id": stream, "title": "Finals", "started_at": started}))
    assert viewer.wait_for("stream.live") == {"stream_id": stream, "title": "Finals", "started_at": started}
    backend.publish(bus.envelope("stream.error", {"stream_id": stream, "error": "ingest lost"}))
    assert viewer.wait_for("stream.error") == {"stream_id": stream, "error": "ingest lost"}
    backend.publish(bus.envelope("stream.offline", {"stream_id": stream, "duration": 3600, "ended_at": "2024-12-09T11:00:00Z"}))
    assert viewer.wait_for("stream.offline")["duration"] == 3600


def test_viewers_are_counted(client, stream):
    first = client("user_abc123")
    first.emit("stream:subscribe", {"stream_id": stream})
    assert first.wait_for("viewer.count.update", lambda update: update["count"] == 1)["stream_id"] == stream
    second = client("user_xyz789")
    join(second, stream, "user_xyz789")
    assert first.wait_for("viewer.joined", lambda viewer: viewer["user_id"] == "user_xyz789")["stream_id"] == stream
    first.wait_for("viewer.count.update", lambda update: update["count"] == 2)
    second.client.disconnect()
    assert first.wait_for("viewer.left")["user_id"] == "user_xyz789"
    first.wait_for("viewer.count.update", lambda update: update["count"] == 1)


def test_moderation(client, stream):
    moderator = client("user_mod1", "--role", "moderator")
    target = client("user_xyz789")
    for member, user in ((moderator, "user_mod1"), (target, "user_xyz789")):
        join(member, stream, user)
    moderator.emit("moderation:mute", {"stream_id": stream, "target_user_id": "user_xyz789", "duration": 300})
    muted = target.wait_for("user.muted")
    assert (muted["user_id"], muted["duration"]) == ("user_xyz789", 300)
    target.emit("chat:message", {"stream_id": stream, "message": "Hello"})
    assert target.wait_for("error")["type"] == "permission_denied"
    moderator.emit("moderation:unmute", {"stream_id": stream, "target_user_id": "user_xyz789"})
    target.wait_for("user.unmuted")
    said = target.call("chat:message", {"stream_id": stream, "message": "spam"})
    assert said["status"] == "ok"
    moderator.emit("moderation:delete-message", {"stream_id": stream, "message_id": said["message_id"]})
    for event in ("chat.message.deleted", "chat:message.deleted"):
        assert target.wait_for(event) == {"stream_id": stream, "message_id": said["message_id"]}
    moderator.emit("moderation:slow-mode", {"stream_id": stream, "enabled": True, "interval": 5})
    slow = target.wait_for("chat.slow-mode")
    assert (slow["enabled"], slow["interval"]) == (True, 5)
    assert target.call("chat:message", {"stream_id": stream, "message": "one"})["status"] == "ok"
    refused = target.call("chat:message", {"stream_id": stream, "message": "two"})
    assert refused["error"]["type"] == "rate_limit_exceeded" and 1 <= refused["error"]["retry_after"] <= 5
    moderator.emit(
        "moderation:ban",
        {"stream_id": stream, "target_user_id": "user_xyz789", "reason": "Spam", "duration": 3600},
    )
    banned = target.wait_for("user.banned")
    assert (banned["user_id"], banned["reason"], banned["duration"]) == ("user_xyz789", "Spam", 3600)
    target.emit("chat:join", {"stream_id": stream})
    assert target.wait_for("error", lambda error: error["type"] == "permission_denied")
    moderator.emit("moderation:unban", {"stream_id": stream, "target_user_id": "user_xyz789"})
    moderator.wait_for("user.unbanned")
    join(target, stream, "user_xyz789")


def test_only_moderators_and_the_owner_moderate(client, stream, backend):
    described = {"conversation_id": stream, "kind": "stream", "name": "S", "owner_id": "user_owner"}
    backend.publish(bus.envelope("conversation.updated", described))
    viewer, owner = client("user_abc123"), client("user_owner")
    join(viewer, stream, "user_abc123")
    join(owner, stream, "user_owner")
    viewer.emit("moderation:ban", {"stream_id": stream, "target_user_id": "user_owner", "duration": None})
    assert viewer.wait_for("error")["type"] == "permission_denied"
    owner.emit("moderation:mute", {"stream_id": stream, "target_user_id": "user_abc123", "duration": 300})
    assert viewer.wait_for("user.muted")["moderator_id"] == "user_owner"


def test_reactions(client, stream):
    viewer, other = client("user_abc123"), client("user_xyz789")
    join(viewer, stream, "user_abc123")
    other.emit("stream:subscribe", {"stream_id": stream})
    other.wait_for("stream:subscribed")
    viewer.emit("reaction:send", {"stream_id": stream, "emoji": "👍", "user_id": "user_abc123"})
    reaction = other.wait_for("reaction.sent")
    assert (reaction["stream_id"], reaction["emoji"], reaction["user_id"]) == (stream, "👍", "user_abc123")
    assert 0 <= reaction["x"] <= 1 and 0 <= reaction["y"] <= 1 and reaction["timestamp"]


def test_analytics(client, stream):
    viewer = client("user_abc123")
    join(viewer, stream, "user_abc123")
    viewer.emit("analytics:subscribe", {"stream_id": stream})
    assert viewer.call("chat:message", {"stream_id": stream, "message": "one"})["status"] == "ok"
    viewer.emit("reaction:send", {"stream_id": stream, "emoji": "👍"})
    update = viewer.wait_for("analytics:update", lambda update: update["messages_per_minute"] == 1)
    assert set(update) == {
        "stream_id", "viewers", "peak_viewers", "messages_per_minute", "reactions_per_minute", "average_watch_time",
    }  # fmt: skip
    assert (update["viewers"], update["peak_viewers"]) == (1, 1)


def test_a_flood_is_told_when_to_go_on(client, stream):
    viewer = client("user_abc123")
    join(viewer, stream, "user_abc123")
    for number in range(8):
        viewer.emit("chat:message", {"stream_id": stream, "message": f"message {number}"})
    error = viewer.wait_for("error")
    assert error["type"] == "rate_limit_exceeded" and error["retry_after"] >= 1


def test_wrong_input_is_refused_and_harms_nobody(client, stream):
    viewer = client("user_abc123")
    join(viewer, stream, "user_abc123")
    for event in ("chat:join", "chat:message", "chat:typing", "chat:leave", "stream:subscribe", "reaction:send",
                  "moderation:ban", "moderation:slow-mode", "analytics:subscribe", "moderation:delete-message"):  # fmt: skip
        for payload in (None, 1, "text", [], {}, {"stream_id": None}, {"stream_id": {}}, {"stream_id": "a b"}):
            viewer.emit(event, payload)
            assert viewer.wait_for("error")["type"] in ("invalid_request", "rate_limit_exceeded"), (event, payload)
    # Wrong messages count, too.
    while (answer := viewer.call("chat:message", {"stream_id": stream, "message": "alive"}))["status"] != "ok":
        assert answer["error"]["type"] == "rate_limit_exceeded"
        time.sleep(answer["error"]["retry_after"])


def test_one_room_for_every_protocol(client, stack, token):
    """Phoenix V1 and V2, Socket.IO by polling and by WebSocket, in one room; one is muted; all see the same history."""
    room = f"room-{uuid.uuid4().hex[:8]}"

    async def talk():
        polling = client("polly", "--name", "Polly", transports=["polling"])
        websocket = client("wendy", "--name", "Wendy")
        moderator = client("user_mod1", "--role", "moderator")
        async with phoenix.connect(stack, token("v1"), "1.0.0") as v1, phoenix.connect(stack, token("v2"), "2.0.0") as v2:
            for member in (v1, v2):
                await member.join(f"chat:room:{room}", {})
            for member, user in ((polling, "polly"), (websocket, "wendy"), (moderator, "user_mod1")):
                join(member, room, user)
            contents = ["from v1", "from v2", "from polling", "from websocket"]
            await v1.send(f"chat:room:{room}", "new_message", {"content": contents[0]})
            websocket.wait_for("chat:message", lambda message: message["seq"] == 1)
            await v2.send(f"chat:room:{room}", "new_message", {"content": contents[1]})
            websocket.wait_for("chat:message", lambda message: message["seq"] == 2)
            assert polling.call("chat:message", {"stream_id": room, "message": contents[2]})["seq"] == 3
            assert websocket.call("chat:message", {"stream_id": room, "message": contents[3]})["seq"] == 4
            for member in (v1, v2):
                heard = [await member.event("new_message", seq=seq) for seq in (1, 2, 3, 4)]
                assert [message["content"] for message in heard] == contents
            assert [polling.wait_for("chat:message", lambda message, n=n: message["seq"] == n)["message"]
                    for n in (1, 2, 3, 4)] == contents  # fmt: skip
            moderator.emit("moderation:mute", {"stream_id": room, "target_user_id": "v2", "duration": 300})
            websocket.wait_for("user.muted")
            answer = await v2.request(f"chat:room:{room}", "new_message", {"content": "not heard"})
            assert answer["status"] == "error" and answer["response"]["reason"] == "muted"
            for member in (polling, websocket):
                history = member.call("chat:history", {"stream_id": room})["messages"]
                assert [message["message"] for message in history] == contents
            async with phoenix.connect(stack, token("late"), "2.0.0") as late:
                await late.join(f"chat:room:{room}", {"last_seq": 0})
                missed = [await late.event("new_message") for _ in contents]
                assert [message["content"] for message in missed] == contents

    asyncio.run(talk())
