"""Contract 3 as its examples have it: a forum's notifications, user status and threads, on python-socketio."""

import contextlib
import http.server
import json
import threading
import urllib.parse
import uuid

import bus
import pytest
import requests
import socketio
from socket_client import connect

JOHN = {"id": 1, "name": "John Doe", "email": "john@example.com", "role": "admin"}
PERMISSIONS = ["receive_notifications", "send_messages"]


class Laravel:
    """A backend that tells whose an opaque token is (RFC 7662)."""

    def __init__(self):
        self.answers = {"sanctum_token_here": (200, {"user": JOHN, "permissions": PERMISSIONS})}
        self.asked = []
        backend = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                backend.asked.append(form["token"][0])
                status, answer = backend.answers.get(form["token"][0], (200, {"active": False}))
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/introspect"


@pytest.fixture(scope="module")
def laravel():
    backend = Laravel()
    yield backend
    backend.server.shutdown()


@pytest.fixture(scope="module")
def url(stack, restarted, laravel):
    settings = {"SOCKETIO_CONNECTS_PER_MINUTE": "1000", "SOCKETIO_CONNECTIONS_PER_ADDRESS": "1000"}
    with restarted("realtime-gateway", TOKEN_INTROSPECTION_URL=laravel.url, **settings):
        yield stack.environment["GATEWAY_URL"]


@pytest.fixture
def key(stack):
    return {"X-WebSocket-API-Key": stack.environment["API_KEY"]}


@pytest.fixture
def member(url, laravel):
    """Opens clients that authenticate as users of the backend: member(2, "Jane Smith")."""
    with contextlib.ExitStack() as open_clients:

        def open_client(user, name="Somebody", role="member", **more):
            opaque = f"sanctum-{uuid.uuid4().hex}"
            laravel.answers[opaque] = (200, {"user": {"id": user, "name": name, "role": role}} | more)
            client = open_clients.enter_context(connect(url))
            client.emit("authenticate", {"token": opaque})
            client.wait_for("authenticated")
            return client

        yield open_client


def test_connected_and_authenticated(url):
    with connect(url) as client:
        connected = client.wait_for("connected")
        assert connected["socketId"] == client.client.get_sid() and connected["timestamp"].endswith("Z")
        client.emit("authenticate", {"token": "sanctum_token_here"})
        assert client.wait_for("authenticated") == {
            "user": JOHN, "permissions": PERMISSIONS, "socketId": client.client.get_sid(),
        }  # fmt: skip


def test_a_token_that_does_not_hold(url):
    with connect(url) as client:
        client.emit("authenticate", {"token": "wrong"})
        assert client.wait_for("authentication_error") == {"error": "Invalid token", "code": "AUTH_FAILED"}


def test_a_backend_that_lies_or_fails_lets_nobody_in(url, laravel):
    laravel.answers |= {"lie": (200, {"user": {"id": ["x"]}}), "broken": (500, {})}
    with connect(url) as client:
        for opaque in ("lie", "broken"):
            client.emit("authenticate", {"token": opaque})
            assert client.wait_for("authentication_error")["code"] == "SERVER_ERROR"


def test_a_jwt_is_accepted_too(url, token):
    with connect(url) as client:
        client.emit("authenticate", {"token": token("7", "--name", "Jane Smith", "--role", "member")})
        assert client.wait_for("authenticated")["user"] == {
            "id": 7, "name": "Jane Smith", "email": None, "role": "member",
        }  # fmt: skip


def test_events_before_authentication_are_refused(url):
    with connect(url) as client:
        client.emit("typing_start", {"thread_id": 456})
        error = client.wait_for("error")
        assert error["code"] == "AUTH_FAILED" and set(error) == {"error", "code", "details", "timestamp"}


def test_notifications_reach_every_device_and_wait_for_who_is_away(member, backend):
    user = 1000 + uuid.uuid4().int % 10**6
    first, second = member(user), member(user)
    data = {
        "thread_id": 456, "reply_id": 789,
        "user": {"id": 2, "name": "Jane Smith", "avatar": "/images/users/avatars/jane.jpg"},
    }  # fmt: skip
    backend.publish(
        bus.envelope(
            "notification.requested",
            {
                "user_id": str(user), "type": "in_app", "title": "New reply to your thread",
                "body": "Someone replied to your thread 'PLC Programming Tips'",
                "data": data | {"type": "thread_reply"},
            },
        )
    )  # fmt: skip
    heard = [client.wait_for("notification") for client in (first, second)]
    assert heard[0] == heard[1]
    notification = heard[0]
    assert notification["id"].startswith("notif_") and notification["timestamp"].endswith("Z")
    assert notification["type"] == "thread_reply" and notification["read"] is False
    assert notification["title"] == "New reply to your thread"
    assert notification["message"] == "Someone replied to your thread 'PLC Programming Tips'"
    assert notification["data"]["user"] == data["user"]
    # Somebody who comes later finds it unread.
    third = member(user)
    assert third.wait_for("notification")["id"] == notification["id"]
    first.emit("notification_read", {"notification_id": notification["id"]})
    for client in (first, second, third):
        update = client.wait_for("notification_updated")
        assert (update["notification_id"], update["read"]) == (notification["id"], True) and update["read_at"]
    fourth = member(user)
    fourth.emit("notification_read", {"notification_id": "notif_" + str(uuid.uuid4())})
    assert fourth.wait_for("error")["code"] == "VALIDATION_ERROR"
    assert not fourth.has_heard("notification")


def test_who_comes_and_goes(member):
    john = member(1, "John Doe")
    user = 1000 + uuid.uuid4().int % 10**6
    jane, phone = member(user, "Jane Smith", avatar="/images/users/avatars/jane.jpg"), member(user, "Jane Smith")
    online = john.wait_for("user_online", lambda event: event["user_id"] == user)
    assert online["name"] == "Jane Smith" and online["last_seen"].endswith("Z")
    jane.client.disconnect()
    assert not john.has_heard("user_offline")
    phone.client.disconnect()
    offline = john.wait_for("user_offline", lambda event: event["user_id"] == user)
    assert set(offline) == {"user_id", "last_seen"}


def test_typing_in_threads(member):
    john, jane = member(1, "John Doe"), member(2, "Jane Smith")
    john.emit("typing_start", {"thread_id": 456})
    typing = {"user_id": 1, "name": "John Doe", "thread_id": 456, "typing": True}
    assert jane.wait_for("user_typing") == typing
    john.emit("typing_stop", {"thread_id": 456})
    assert jane.wait_for("user_typing") == typing | {"typing": False}
    assert not john.has_heard("user_typing")


def test_threads_from_the_backend(url, key, member, backend):
    jane = member(2, "Jane Smith")
    reply = {
        "reply_id": 789, "thread_id": 456, "content": "Great tips! Thanks for sharing.",
        "author": {"id": 2, "name": "Jane Smith", "avatar": "/images/users/avatars/jane.jpg", "role": "member"},
        "created_at": "2025-07-19T10:30:00.000Z",
    }  # fmt: skip
    broadcast = {"topic": "thread:456", "event": "new_reply", "payload": reply}
    assert requests.post(f"{url}/api/broadcast", json=broadcast, headers=key, timeout=20).status_code == 202
    assert jane.wait_for("new_reply") == reply
    updated = {
        "thread_id": 456, "title": "Updated PLC Programming Tips", "updated_by": {"id": 1, "name": "John Doe"},
        "updated_at": "2025-07-19T10:30:00.000Z",
    }  # fmt: skip
    backend.publish(
        bus.envelope("realtime.broadcast", {"topic": "thread:456", "event": "thread_updated", "payload": updated})
    )
    assert jane.wait_for("thread_updated") == updated


def test_a_private_thread_is_for_its_members(url, key, member):
    thread = f"t{uuid.uuid4().hex[:8]}"
    described = {"kind": "thread", "type": "private", "members": ["2"]}
    address = f"{url}/api/conversations/{thread}"
    assert requests.put(address, json=described, headers=key, timeout=20).status_code == 201
    jane, john = member(2, "Jane Smith"), member(3, "John Doe")
    jane.emit("typing_start", {"thread_id": thread})
    john.emit("typing_start", {"thread_id": thread})
    assert john.wait_for("error")["code"] == "PERMISSION_DENIED"
    for target in (thread, "open"):
        broadcast = {"topic": f"thread:{target}", "event": "new_reply", "payload": {"thread_id": target}}
        requests.post(f"{url}/api/broadcast", json=broadcast, headers=key, timeout=20).raise_for_status()
    assert jane.wait_for("new_reply")["thread_id"] == thread
    assert john.wait_for("new_reply")["thread_id"] == "open"


def test_debug_mode_is_for_those_who_may(member):
    admin, other = member(1, "John Doe", role="admin"), member(2, "Jane Smith")
    other.emit("debug_mode", {"enabled": True})
    assert other.wait_for("error")["code"] == "PERMISSION_DENIED"
    admin.emit("debug_mode", {"enabled": True})
    for event in ("connection_stats", "memory_usage", "event_metrics"):
        assert admin.wait_for(event)


def test_wrong_input_is_refused_and_harms_nobody(member):
    jane = member(2, "Jane Smith")
    for event in ("notification_read", "typing_start", "typing_stop", "debug_mode"):
        for payload in (None, 1, "text", [], {}, {"thread_id": {}, "notification_id": 5, "enabled": "yes"}):
            jane.emit(event, payload)
            assert jane.wait_for("error")["code"] in ("VALIDATION_ERROR", "RATE_LIMITED"), (event, payload)
    jane.emit("no_such_event", {})
    assert jane.wait_for("error")["code"] == "VALIDATION_ERROR"


def test_connections_of_one_user_and_one_address_are_bounded(stack, restarted, laravel):
    with restarted("realtime-gateway", TOKEN_INTROSPECTION_URL=laravel.url, SOCKETIO_CONNECTS_PER_MINUTE="1000"):
        url = stack.environment["GATEWAY_URL"]
        with contextlib.ExitStack() as clients:
            for number in range(6):
                client = clients.enter_context(connect(url))
                client.emit("authenticate", {"token": "sanctum_token_here"})
                if number < 5:
                    client.wait_for("authenticated")
            assert client.wait_for("error")["code"] == "RATE_LIMITED"
            client.wait_for("disconnect")


def test_operators_endpoints(stack):
    base = stack.environment["GATEWAY_URL"]
    root = requests.get(base + "/", headers={"Accept": "application/json"}, timeout=20).json()
    assert root["endpoints"]["health"] == "/health" and root["endpoints"]["metrics"] == "/metrics"
    assert {"websocket", "polling"} <= set(root["websocket"]["transports"]) and root["websocket"]["url"]
    assert {"service", "message", "version", "environment", "timestamp"} <= set(root)
    health = requests.get(base + "/health", timeout=20).json()
    assert health["status"] == "healthy" and set(health["memory"]) == {"used", "total", "percentage"}
    assert set(health["connections"]) == {"active", "total"} and health["uptime"] >= 0 and health["timestamp"]
    status = requests.get(base + "/status", timeout=20).json()
    assert status["status"] == "operational" and {"uptime", "environment", "node_version"} <= set(status["server"])
    assert set(status["server"]["memory_usage"]) == {"rss", "heapTotal", "heapUsed", "external"}
    assert {"status", "connections", "response_time"} <= set(status["database"])
    expected = {"active_connections", "total_connections", "rooms", "events_per_minute"}
    assert expected <= set(status["websocket"])
    metrics = requests.get(base + "/metrics", timeout=20).text
    assert "# TYPE websocket_connections_total counter" in metrics
    assert "# TYPE websocket_connections_active gauge" in metrics
    assert 'http_requests_total{method="GET",status="200"}' in metrics
