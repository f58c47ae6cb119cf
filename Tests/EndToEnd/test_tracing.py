"""One trace, from the backend's message to the webhook, through three services' spans and log lines."""

import json
import secrets
import time

import bus
import pytest

SERVICE = "notification-dispatcher"


def lines_of(path):
    """The whole lines of a file of JSON lines."""
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines() if line.startswith("{")]


def spans_of(path):
    for line in lines_of(path):
        for resource in line["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                yield from scope["spans"]


def wait_for(find, what, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(0.05)
    raise AssertionError(f"no {what} within {seconds} s")


@pytest.fixture(scope="module")
def traces(stack, restarted):
    """The dispatcher records spans for the time of these tests, and logs each delivery."""
    path = stack.state / "traces.jsonl"
    with restarted(SERVICE, TRACES_FILE=str(path), LOG_LEVEL="debug"):
        yield path


def publish(backend, receiver, **headers):
    payload = {"user_id": "u-1", "title": "Hi", "body": "There", "type": "webhook", "to": receiver.url("/hook?key=k-1")}
    event = bus.envelope("notification.requested", payload)
    backend.publish_raw(
        json.dumps(event).encode(), "notification.requested", message_id=event["event_id"], headers=headers
    )
    return event["event_id"]


def test_a_trace_goes_from_the_backend_to_the_webhook(stack, backend, receiver, traces):
    trace, parent = secrets.token_hex(16), secrets.token_hex(8)
    event_id = publish(backend, receiver, traceparent=f"00-{trace}-{parent}-01", tracestate="backend=1")

    request = receiver.next_request()
    version, trace_id, span_id, flags = request.headers["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", trace, "01") and span_id != parent
    assert request.headers["tracestate"] == "backend=1"
    backend.wait_for("notification.delivered", notification_id=event_id)

    def chain():
        spans = {span["spanId"]: span for span in spans_of(traces) if span["traceId"] == trace}
        names, span = [], spans.get(span_id)
        while span:
            names.append(span["name"])
            if span["parentSpanId"] == parent:
                return names
            span = spans.get(span["parentSpanId"])
        return None

    names = wait_for(chain, "chain of spans from the webhook back to the backend")
    assert names == ["POST", "process notify.webhook", "process notify.dispatch"]
    assert "k-1" not in traces.read_text()

    logged = lines_of(stack.state / f"log/{SERVICE}.log")
    lines = [line for line in logged if line.get("trace_id") == trace]
    assert {line["message"] for line in lines} >= {"dispatched", "delivery finished"}
    assert {line.get("event_id") for line in lines} == {event_id}


def test_an_event_without_a_trace_begins_one(backend, receiver, traces):
    event_id = publish(backend, receiver)
    version, trace_id, _, flags = receiver.next_request().headers["traceparent"].split("-")
    assert (version, flags) == ("00", "01")
    backend.wait_for("notification.delivered", notification_id=event_id)
    wait_for(
        lambda: any(s["traceId"] == trace_id and "parentSpanId" not in s for s in spans_of(traces)), "root of the trace"
    )


def test_the_derived_event_is_of_the_same_trace(stack, backend, receiver, traces):
    trace, parent = secrets.token_hex(16), secrets.token_hex(8)
    event_id = publish(backend, receiver, traceparent=f"00-{trace}-{parent}-01")
    receiver.next_request()
    for _, properties, body in backend.channel.consume(backend.queue, auto_ack=True, inactivity_timeout=30):
        assert body, "no notification.delivered"
        event = bus.read(body)
        if event and event["payload"].get("notification_id") == event_id:
            break
    _, trace_id, span_id, _ = properties.headers["traceparent"].split("-")
    assert trace_id == trace and span_id != parent
    assert "tracestate" not in properties.headers
