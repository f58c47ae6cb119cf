"""A backend asks, the user is told, and the backend hears of it."""

import asyncio
import base64
import hashlib
import hmac
import json
import time

import bus
import phoenix


def requested(**payload):
    return bus.envelope("notification.requested", {"user_id": "user-7", "title": "Hi", "body": "There", **payload})


def test_in_app_reaches_the_users_open_sessions(stack, backend, token):
    event = requested(type="in_app", data={"message_id": "m-1"})

    async def follow():
        async with phoenix.connect(stack, token("user-7")) as session, phoenix.connect(stack, token("user-8")) as other:
            assert (await session.join("user:user-7"))["status"] == "ok"
            assert (await other.join("user:user-7"))["status"] == "error"
            backend.publish(event)
            return await session.event("notification", topic="user:user-7")

    shown = asyncio.run(follow())
    assert (shown["id"], shown["title"], shown["body"]) == (event["event_id"], "Hi", "There")
    assert shown["data"] == {"message_id": "m-1"}
    _, delivered = backend.wait_for("notification.delivered", notification_id=event["event_id"])
    assert (delivered["channel"], delivered["user_id"], delivered["attempt"]) == ("in_app", "user-7", 1)


def test_a_webhook_is_signed_after_standard_webhooks(backend, receiver):
    event = requested(type="webhook", to=receiver.url("/hook"), data={"order": 5})
    backend.publish(event)
    request = receiver.next_request()
    assert request.headers["webhook-id"] == event["event_id"]
    timestamp = request.headers["webhook-timestamp"]
    assert abs(int(timestamp) - time.time()) < 60
    key = base64.b64decode(bus.WEBHOOK_SECRET.removeprefix("whsec_"))
    signed = f"{event['event_id']}.{timestamp}.".encode() + request.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(request.body)["data"]["title"] == "Hi"
    _, delivered = backend.wait_for("notification.delivered", notification_id=event["event_id"])
    assert delivered["channel"] == "webhook"


def test_a_webhook_that_refuses_is_reported(backend, receiver):
    receiver.status = 410
    event = requested(type="webhook", to=receiver.url("/gone"))
    backend.publish(event)
    _, failed = backend.wait_for("notification.failed", notification_id=event["event_id"])
    assert (failed["channel"], failed["retryable"]) == ("webhook", False)
    assert "410" in failed["message"]


def test_a_webhook_that_is_down_for_a_moment_is_tried_again(backend, receiver):
    receiver.status = 503
    event = requested(type="webhook", to=receiver.url("/busy"))
    backend.publish(event)
    first = receiver.next_request()
    receiver.status = 200
    second = receiver.next_request()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    _, delivered = backend.wait_for("notification.delivered", notification_id=event["event_id"])
    assert delivered["attempt"] == 2


def test_channels_that_are_not_there_say_so(backend, receiver):
    event = requested(type=["sms", "webhook"], to=receiver.url("/hook"))
    backend.publish(event)
    _, failed = backend.wait_for("notification.failed", notification_id=event["event_id"])
    assert (failed["channel"], failed["reason"]) == ("sms", "channel_unavailable")
    if not backend.count("notification.delivered", notification_id=event["event_id"]):
        backend.wait_for("notification.delivered", notification_id=event["event_id"], channel="webhook")
