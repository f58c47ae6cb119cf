"""Real PHP publishers: what each framework puts on the wire has its effect, or is parked with what to change."""

import asyncio
import json
import subprocess
import uuid

import bus
import php_scripts
import phoenix
import pytest

TOPIC = "chat:room:php"
BROADCAST, REQUESTED = "realtime.broadcast", "notification.requested"


def shown(stack, token, publish):
    """What a client on TOPIC sees of the event that `publish(event name)` has PHP publish."""
    name = f"sale-{uuid.uuid4()}"

    async def follow():
        async with phoenix.connect(stack, token("user-7")) as session:
            assert (await session.join(TOPIC))["status"] == "ok"
            await asyncio.to_thread(publish, name)
            return await session.event(name, topic=TOPIC)

    return asyncio.run(follow())


def broadcast(name):
    return {"topic": TOPIC, "event": name, "payload": {"name": "Größe", "left": 3}}


def enveloped(payload):
    return bus.envelope(BROADCAST, payload)


def notification(**changes):
    return {"user_id": "user-7", "type": "in_app", "title": "Hi", "body": f"There {uuid.uuid4()}"} | changes


@pytest.mark.parametrize(
    "script, wrap, more",
    [
        pytest.param("amqplib", enveloped, (), id="php-amqplib without properties"),
        pytest.param("ext_amqp", enveloped, (), id="ext-amqp"),
        pytest.param("symfony", dict, ("json", r"App\Message\RealtimeBroadcast"), id="Symfony Messenger, JSON"),
        pytest.param("laravel", dict, (r"App\Jobs\RealtimeBroadcastJob@handle",), id="Laravel, an array"),
    ],
)
def test_a_broadcast_from_php_is_shown(stack, token, script, wrap, more):
    url = stack.environment["AMQP_URL"]
    seen = shown(stack, token, lambda name: php_scripts.publish(url, script, BROADCAST, wrap(broadcast(name)), *more))
    assert seen == {"name": "Größe", "left": 3}


def test_a_notification_from_symfony_is_delivered(stack, backend):
    event = notification()
    php_scripts.publish(
        stack.environment["AMQP_URL"], "symfony", REQUESTED, event, "json", r"App\Message\NotificationRequestedMessage"
    )
    _, in_app = backend.wait_for("notification.in_app", body=event["body"])
    _, delivered = backend.wait_for("notification.delivered", notification_id=in_app["notification_id"])
    assert (delivered["channel"], delivered["user_id"]) == ("in_app", "user-7")
    # The id was made by us: UUIDv5.
    assert uuid.UUID(in_app["notification_id"]).version == 5


def test_a_class_of_any_name_is_read_as_its_setting_says(stack, restarted, backend):
    event = notification()
    with restarted("notification-dispatcher", MESSAGE_TYPES=r"App\Message\TellUser=notification.requested"):
        php_scripts.publish(stack.environment["AMQP_URL"], "symfony", REQUESTED, event, "json", r"App\Message\TellUser")
        _, in_app = backend.wait_for("notification.in_app", body=event["body"])
    assert in_app["user_id"] == "user-7"


@pytest.mark.parametrize(
    "script, event, more, reason",
    [
        pytest.param(
            "symfony", notification(), ("php", r"App\Message\NotificationRequestedMessage"),
            "messenger.transport.symfony_serializer", id="Symfony Messenger, its default",
        ),
        pytest.param(
            "symfony", notification(title="Größe"), ("php-latin1", r"App\Message\NotificationRequestedMessage"),
            "messenger.transport.symfony_serializer", id="Symfony Messenger, its default in base64",
        ),
        pytest.param(
            "symfony", {"number": 7}, ("json", r"App\Message\InvoicePaid"),
            r"MESSAGE_TYPES=App\Message\InvoicePaid=", id="Symfony Messenger, an unknown class",
        ),
        pytest.param(
            "laravel", notification(), (r"App\Jobs\BroadcastRealtime", "object"), "pushRaw", id="Laravel, an object",
        ),
    ],
)
def test_what_only_php_can_read_is_parked_with_what_to_change(stack, backend, script, event, more, reason):
    php_scripts.publish(stack.environment["AMQP_URL"], script, REQUESTED, event, *more)
    headers = backend.wait_for_parked("notify.dispatch", None)
    assert reason in headers["x-parked-reason"]
    # Requeued, it would still be the same event.
    assert headers["x-published-key"] == REQUESTED


def test_a_cloud_event_is_shown(stack, backend, token):
    attributes = {"specversion": "1.0", "type": BROADCAST, "source": "/shop", "id": str(uuid.uuid4())}

    def structured(name):
        event = attributes | {"data": broadcast(name)}
        backend.publish_raw(json.dumps(event).encode(), BROADCAST)

    def binary(name):
        headers = {f"cloudEvents:{key}": value for key, value in (attributes | {"id": str(uuid.uuid4())}).items()}
        backend.publish_raw(json.dumps(broadcast(name)).encode(), BROADCAST, headers=headers)

    for publish in (structured, binary):
        assert shown(stack, token, publish) == {"name": "Größe", "left": 3}


# The publisher in the documentation


@pytest.fixture
def publisher(tmp_path, stack):
    path = tmp_path / "publish.php"
    path.write_text(php_scripts.publisher_of_the_documentation())

    def run(events, **environment):
        environment["AMQP_URL"] = stack.environment["AMQP_URL"]
        lines = "".join(f"{json.dumps(event)}\n" for event in events)
        return php_scripts.run_file(path, text=lines, environment=environment)

    return run


def test_the_documented_publisher_publishes_what_it_is_given(stack, token, publisher):
    def publish(name):
        # More than two of its batches.
        publisher([enveloped(broadcast(f"other-{n}")) for n in range(600)] + [enveloped(broadcast(name))])

    assert shown(stack, token, publish) == {"name": "Größe", "left": 3}


def test_the_documented_publisher_sets_what_brokers_and_operators_need(backend, publisher):
    queue = backend.channel.queue_declare("", exclusive=True).method.queue
    backend.channel.queue_bind(queue, "events", BROADCAST)
    event = enveloped(broadcast("e"))
    publisher([event])
    _, properties, body = next(backend.channel.consume(queue, auto_ack=True, inactivity_timeout=30))
    backend.channel.cancel()
    assert json.loads(body) == event
    assert (properties.delivery_mode, properties.message_id) == (2, event["event_id"])
    assert (properties.type, properties.app_id) == (BROADCAST, "php-backend")


def test_the_documented_publisher_fails_when_nobody_takes_an_event(publisher):
    with pytest.raises(subprocess.CalledProcessError) as failure:
        publisher([bus.envelope("realtime.typo", {})], AMQP_EXCHANGE="amq.topic")
    assert "realtime.typo: NO_ROUTE" in failure.value.stderr
    with pytest.raises(subprocess.CalledProcessError) as failure:
        publisher([enveloped({})], AMQP_EXCHANGE="nowhere")
    assert "NOT_FOUND" in failure.value.stderr
