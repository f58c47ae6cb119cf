"""A backend without AMQP publishes over HTTP, and what it was told to be accepted happens once, whatever dies."""

import secrets

import bus
import pytest
import requests

GATEWAY = "realtime-gateway"


def requested(receiver):
    return bus.envelope(
        "notification.requested", {"user_id": "u-1", "title": "Hi", "body": "There", "type": "webhook", "to": receiver}
    )


def post(stack, event, key=None, **headers):
    headers = {"X-WebSocket-API-Key": stack.environment["API_KEY"]} | headers
    if key:
        headers["Idempotency-Key"] = key
    return requests.post(stack.environment["GATEWAY_URL"] + "/events", json=event, headers=headers, timeout=10)


def nothing_more(stack, receiver):
    """What comes next is what is sent now."""
    event = requested(receiver.url("/hook"))
    assert post(stack, event).status_code == 202
    assert receiver.next_request().headers["webhook-id"] == event["event_id"]


def test_a_request_that_is_repeated_takes_effect_once(stack, backend, receiver):
    event, key = requested(receiver.url("/hook")), secrets.token_hex(8)
    answers = [post(stack, event, key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert [answer.json()["status"] for answer in answers] == ["accepted", "repeated", "repeated"]
    assert {answer.json()["event_id"] for answer in answers} == {event["event_id"]}
    backend.wait_for("notification.delivered", notification_id=event["event_id"])
    assert receiver.next_request().headers["webhook-id"] == event["event_id"]
    nothing_more(stack, receiver)


def test_another_event_under_the_same_key_is_refused(stack, receiver):
    key = secrets.token_hex(8)
    assert post(stack, requested(receiver.url("/a")), key).status_code == 202
    refused = post(stack, requested(receiver.url("/b")), key)
    assert refused.status_code == 422 and "Idempotency-Key" in refused.json()["detail"]
    receiver.next_request()


def test_mistakes_come_with_their_paths(stack):
    event = bus.envelope("notification.requested", {"user_id": 7, "title": "Hi", "body": "There", "type": "in_app"})
    answer = post(stack, event)
    assert answer.status_code == 422
    assert any(mistake.startswith("payload.user_id") for mistake in answer.json()["errors"])


def test_without_the_key_nothing_is_taken(stack, receiver):
    answer = post(stack, requested(receiver.url("/hook")), **{"X-WebSocket-API-Key": "wrong"})
    assert answer.status_code == 401
    nothing_more(stack, receiver)


def test_what_was_accepted_outlives_the_gateway(stack, restarted, backend, receiver):
    event = requested(receiver.url("/hook"))
    # It dies between the commit and its answer: the sender does not know, and asks again.
    with restarted(GATEWAY, FAILPOINT="ingested_before_answer"), pytest.raises(requests.ConnectionError):
        post(stack, event)
    assert post(stack, event).json()["status"] == "repeated"
    backend.wait_for("notification.delivered", notification_id=event["event_id"])
    receiver.next_request()
    nothing_more(stack, receiver)
