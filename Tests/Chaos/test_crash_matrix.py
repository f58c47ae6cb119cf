"""The rows of the loss table, each played on the real broker: the process dies at the line, and every effect is there once.

    pytest Tests/Chaos/test_crash_matrix.py [--repetitions 100] [--databases sqlite,postgres] [-m "not slow"]
"""

import collections
import json
import signal
import time

import pika
import pytest
import requests
import witness as witnesses
import workbench
from workbench import DISPATCHER, GATEWAY, PROCESSOR

IN_APP = [("notification.in_app",), ("notification.delivered", "notification.failed")]
WEBHOOK = [("notification.delivered",)]
MEDIA = [("media.ready",)]
FAILED_MEDIA = [("media.failed",)]

Row = collections.namedtuple("Row", "name failpoint service kind outcomes")

# Rows in which a process dies at one of its own lines: a request comes, the service dies, comes back, and goes on.
DEATHS = [
    Row("C1", "received_before_work", DISPATCHER, "in_app", IN_APP),
    Row("C1", "received_before_work", PROCESSOR, "media", MEDIA),
    Row("C2", "worked_before_commit", DISPATCHER, "in_app", IN_APP),
    Row("C3", "committed_before_ack", DISPATCHER, "in_app", IN_APP),
    Row("C3", "committed_before_ack", PROCESSOR, "media", MEDIA),
    Row("C5", "published_before_delete", DISPATCHER, "in_app", IN_APP),
    Row("C5", "published_before_delete", PROCESSOR, "media", MEDIA),
    Row("C10", "leased_before_work", PROCESSOR, "media", MEDIA),
    Row("C10", "stored_before_publish", PROCESSOR, "media", MEDIA),
    Row("C10", "published_before_finish", PROCESSOR, "media", MEDIA),
    Row("N1", "noted_before_send", DISPATCHER, "webhook", WEBHOOK),
    Row("N1", "sent_before_record", DISPATCHER, "webhook", WEBHOOK),
]


def played(row):
    # A job's lease lasts for 30 s.
    marks = [pytest.mark.slow] if row.name == "C10" else []
    return pytest.param(row, id=f"{row.name}-{row.failpoint}-{row.service}", marks=marks)


@pytest.mark.parametrize("row", [played(row) for row in DEATHS])
def test_a_service_that_dies_at_a_line_has_each_effect_once(bench, repetition, row):
    event = bench.event(row.kind)
    bench.arm(row.service, row.failpoint)
    bench.publish(event)
    bench.await_death(row.service)
    bench.assert_once([event], *row.outcomes)
    if row.kind == "webhook":
        # Whatever was sent before the end was sent again under the same id, once.
        assert 1 <= bench.receiver.taken[event["event_id"]] <= 2


def job_of(bench, event):
    """What the processor tells of an upload; nothing before it listens."""
    url = f"{bench.stack.environment['PROCESSOR_ADMIN_URL']}/jobs/{event['event_id']}"
    try:
        answer = requests.get(url, timeout=10)
        return answer.json() if answer.ok else {}
    except requests.ConnectionError:
        return {}


# The second event that the processor takes is the cancel; a job that it worked on is its own until its lease ends after 30 s.
@pytest.mark.slow
@pytest.mark.parametrize(
    "failpoint", ["received_before_work:2", "worked_before_commit:2", "committed_before_ack:2", "cleared_before_finish"]
)
def test_c11_a_cancel_that_dies_on_its_way_is_done_once(bench, repetition, failpoint):
    upload = bench.event("media", file_path=str(bench.long_clip))
    cancel = bench.cancel(upload)
    bench.arm(PROCESSOR, failpoint)
    bench.publish(upload)
    deadline = time.monotonic() + 60
    while job_of(bench, upload).get("progress") is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    bench.publish(cancel)
    bench.await_death(PROCESSOR)
    bench.assert_once([upload], *FAILED_MEDIA)
    assert not list(bench.objects_of(upload))
    assert job_of(bench, upload)["outcome"] == "cancelled"


# The retry comes after 5 s, and what a process leaves is taken over when it has been silent for 5 s.
@pytest.mark.slow
def test_c6_a_retry_that_dies_before_its_acknowledgement_has_one_effect(bench, repetition):
    event = bench.event("webhook") | {"event_id": bench.receiver.late_id()}
    bench.arm(DISPATCHER, "committed_before_ack:2")
    bench.publish(event)
    bench.await_death(DISPATCHER)
    bench.assert_once([event], *WEBHOOK)
    assert bench.receiver.taken[event["event_id"]] == 1


def test_c6_what_is_parked_by_a_process_that_dies_of_it_is_parked(bench, repetition):
    event = bench.event("in_app")
    event["payload"]["title"] = 7
    bench.arm(DISPATCHER, "retried_before_ack")
    bench.publish(event)
    bench.await_death(DISPATCHER)
    await_ready_count(bench, "notify.dispatch", 0)
    parked = witnesses.take_all(bench.url, "notify.dispatch.parking")
    assert "title" in parked[event["event_id"]]["x-parked-reason"]


def test_p0_an_event_over_http_survives_the_end_before_the_answer(bench, repetition):
    event = bench.event("in_app")
    bench.arm(GATEWAY, "ingested_before_answer")
    deadline = time.monotonic() + 60
    # As a backend does that got no answer: again, under the same key.
    while post(bench, event) != 202:
        assert time.monotonic() < deadline
        if bench.stack.processes[GATEWAY].poll() is not None:
            bench.await_death(GATEWAY)
    bench.assert_once([event], *IN_APP)


def post(bench, event):
    """The status of `POST /events`; None without an answer."""
    headers = {"Authorization": f"Bearer {bench.stack.environment['API_KEY']}", "Idempotency-Key": event["event_id"]}
    try:
        url = f"{bench.stack.environment['GATEWAY_URL']}/events"
        return requests.post(url, json=event, headers=headers, timeout=10).status_code
    except requests.ConnectionError:
        time.sleep(0.1)
        return None


@pytest.mark.slow
def test_p1_a_broker_killed_before_its_confirm_loses_nothing_that_is_sent_again(bench, repetition):
    event = bench.event("in_app")
    send_without_waiting(bench, event)
    bench.kill_broker()
    bench.publish(event)
    bench.assert_once([event], *IN_APP)


def test_p2_a_confirm_lost_on_the_wire_doubles_nothing(bench, repetition):
    event = bench.event("in_app")
    send_without_waiting(bench, event)
    bench.publish(event)
    bench.assert_once([event], *IN_APP)


def send_without_waiting(bench, event):
    """Publishes and hears nothing of what the broker says to it."""
    connection = witnesses.connect(bench.url)
    channel = connection.channel()
    channel.basic_publish("events", event["event_type"], json.dumps(event).encode(), workbench.properties(event))
    connection.close()


def test_p3_an_event_that_nobody_wants_is_kept(bench, repetition):
    event = bench.event("in_app") | {"event_type": "order.created"}
    bench.publish(event)
    assert event["event_id"] in witnesses.take_all(bench.url, "events.unrouted")


@pytest.mark.slow
def test_p4_a_transient_message_survives_the_broker(bench, repetition):
    event = bench.event("in_app")
    bench.stop(DISPATCHER)
    bench.publish(event, mode=1)
    bench.kill_broker()
    bench.start(DISPATCHER)
    bench.assert_once([event], *IN_APP)


def test_p5_what_a_blocked_service_had_to_say_is_said_by_its_next_life(bench, repetition):
    event = bench.event("in_app")
    bench.stop(DISPATCHER)
    bench.publish(event)
    bench.control("set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        bench.fleet.start(DISPATCHER)
        # It has taken the request when the request's queue is empty.
        await_ready_count(bench, "notify.dispatch", 0)
        time.sleep(0.5)
        bench.stop(DISPATCHER, signal.SIGKILL)
    finally:
        bench.control("set_vm_memory_high_watermark", "absolute", "1GB")
    bench.start(DISPATCHER)
    bench.assert_once([event], *IN_APP)


def await_ready_count(bench, queue, count, seconds=30):
    deadline = time.monotonic() + seconds
    connection = witnesses.connect(bench.url)
    channel = connection.channel()
    while channel.queue_declare(queue, passive=True).method.message_count != count:
        assert time.monotonic() < deadline, f"{queue} does not come to {count} messages"
        time.sleep(0.05)
    connection.close()


def test_c4_connections_closed_at_the_acknowledgement_double_nothing(bench, repetition):
    events = [bench.event("in_app") for _ in range(200)]
    bench.publish(*events[:100])
    bench.control("close_all_connections", "a fault")
    bench.publish(*events[100:])
    bench.assert_once(events, *IN_APP)


@pytest.mark.slow
def test_c7_a_retry_that_comes_due_while_the_broker_is_away_is_kept(bench, repetition):
    event = bench.event("in_app")
    bench.publish(event, exchange="retry.5s", key="notify.dispatch")
    bench.kill_broker()
    bench.assert_once([event], *IN_APP)


def test_c8_a_full_queue_refuses_and_drops_nothing(bench, repetition):
    events = [bench.event("media", file_path=str(bench.no_clip)) for _ in range(8)]
    bench.stop(PROCESSOR)
    policy = {"max-length": 3, "overflow": "reject-publish"}
    bench.control("set_policy", "--priority", "99", "full", r"^media\.process$", json.dumps(policy))
    refused = [event for event in events if not is_taken(bench, event)]
    bench.control("clear_policy", "full")
    # How many more than its length it takes depends on when it notices.
    assert refused, "a queue of three took eight"
    bench.start(PROCESSOR)
    bench.publish(*refused)
    bench.assert_once(events, *FAILED_MEDIA)


def is_taken(bench, event):
    try:
        bench.publish(event)
        return True
    except pika.exceptions.NackError:
        return False


def test_c9_no_queue_goes_away_with_its_messages(bench, repetition):
    queues = bench.control("list_queues", "--quiet", "name", "arguments").splitlines()
    policies = bench.control("list_policies", "--quiet").splitlines()
    assert len(queues) > 10 and len(policies) > 10
    # The policy names of RabbitMQ are those of the arguments without the `x-`.
    assert [line for line in queues + policies if "expires" in line] == []


def test_n2_a_receiver_that_took_it_and_said_otherwise_gets_it_under_the_same_id(bench, repetition):
    event = bench.event("webhook")
    bench.receiver.deny(event["event_id"])
    bench.publish(event)
    bench.assert_once([event], *WEBHOOK)
    assert bench.receiver.taken[event["event_id"]] == 2
