"""A backend as upstream teams write one: pika, JSON, publisher confirms, a queue of its own for the answers."""

import json
import struct
import time
import uuid
from datetime import datetime, timezone

import pika
import pika.data

WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
ANSWERS = ["media.*", "notification.in_app", "notification.delivered", "notification.failed"]


def envelope(event_type, payload, event_id=None):
    return {
        "event_type": event_type,
        "event_id": event_id or str(uuid.uuid4()),
        "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": "php-backend",
        "payload": payload,
    }


def uploaded(path, media_id=None, user_id="user-123", **changes):
    payload = {
        "media_id": media_id or str(uuid.uuid4()), "user_id": user_id, "file_path": str(path),
        "content_type": "video/mp4", "file_size": 1, "metadata": {},
    }
    return envelope("media.uploaded", payload | changes)


def read(body):
    """An event of ours; None for silence, and for what a test has published to be refused."""
    try:
        event = json.loads(body or b"null")
        return event if isinstance(event["payload"], dict) else None
    except (ValueError, RecursionError, TypeError, KeyError):
        return None


class Encoded(bytes):
    """A header's value as it goes over the wire, which no client would write."""


def nested(kind, depth):
    """A table of tables, or an array of arrays, deeper than anybody's stack should follow."""
    letter, name = (b"F", b"\x01k") if kind == "table" else (b"A", b"")
    value = letter + struct.pack(">I", 0)
    for _ in range(depth):
        value = letter + struct.pack(">I", len(name + value)) + name + value
    return Encoded(value)


def encode_value(pieces, value, encode=pika.data.encode_value):
    if not isinstance(value, Encoded):
        return encode(pieces, value)
    pieces.append(bytes(value))
    return len(value)


pika.data.encode_value = encode_value


class Backend:
    def __init__(self, url):
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.queue = self.channel.queue_declare("", exclusive=True).method.queue
        for key in ANSWERS:
            self.channel.queue_bind(self.queue, "events", key)
        self.seen = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def publish(self, event, key=None):
        self.publish_raw(json.dumps(event).encode(), key or event["event_type"], message_id=event["event_id"])

    def publish_raw(self, body, key, **properties):
        properties = pika.BasicProperties(content_type="application/json", delivery_mode=2, **properties)
        self.channel.basic_publish("events", key, body, properties, mandatory=True)

    def upload(self, path, **changes):
        """Announces a file and returns its media_id."""
        event = uploaded(path, **changes)
        self.publish(event)
        return event["payload"]["media_id"]

    def wait_for(self, *event_types, seconds=90, **fields):
        """The payload of the next event of one of these types whose payload has these fields; its type first."""
        deadline = time.monotonic() + seconds
        for _, _, body in self.channel.consume(self.queue, auto_ack=True, inactivity_timeout=0.2):
            event = read(body)
            if event:
                self.seen.append(event)
                payload = event["payload"]
                if event["event_type"] in event_types and all(payload.get(k) == v for k, v in fields.items()):
                    return event["event_type"], payload
            if time.monotonic() > deadline:
                raise AssertionError(f"no {' or '.join(event_types)} with {fields} within {seconds} s")

    def count(self, event_type, **fields):
        """How many such events have been seen."""
        return sum(
            event["event_type"] == event_type and all(event["payload"].get(k) == v for k, v in fields.items())
            for event in self.seen
        )

    def wait_for_parked(self, queue, message_id, seconds=30):
        """The headers of a message in a parking queue; the message is taken out."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            method, properties, _ = self.channel.basic_get(f"{queue}.parking", auto_ack=False)
            if method is None:
                self.connection.sleep(0.05)
            elif properties.message_id == message_id:
                self.channel.basic_ack(method.delivery_tag)
                return properties.headers
            else:
                self.channel.basic_nack(method.delivery_tag, requeue=True)
        raise AssertionError(f"{message_id} was not parked in {queue}.parking within {seconds} s")
