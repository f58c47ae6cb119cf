"""Sees every event of the suite, over a durable queue of its own that is read only when all is healed."""

import collections
import json
import time

import pika

QUEUE = "chaos.witness"
KEYS = ["media.ready", "media.failed", "notification.in_app", "notification.delivered", "notification.failed"]
PARKED = ["media.process", "notify.dispatch", "notify.inapp", "notify.webhook", "realtime.events"]

Seen = collections.namedtuple("Seen", "event_type event_id payload")


def connect(url):
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.stack_timeout = 10
    return pika.BlockingConnection(parameters)


class Witness:
    def __init__(self, url):
        self.url = url
        self.seen = []
        connection = connect(url)
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        for key in KEYS:
            channel.queue_bind(QUEUE, "events", key)
        connection.close()

    def read(self, is_complete, silence, limit, tell=lambda: None, idle=1.0):
        """Reads until it is complete, nothing came for `silence` seconds, or `limit` seconds are over.

        Whether it is complete is looked at when nothing came for `idle` seconds.
        """
        connection = connect(self.url)
        channel = connection.channel()
        channel.basic_qos(prefetch_count=500)
        began = last = time.monotonic()
        for method, _, body in channel.consume(QUEUE, inactivity_timeout=idle):
            if method:
                event = json.loads(body)
                self.seen.append(Seen(event["event_type"], event["event_id"], event["payload"]))
                channel.basic_ack(method.delivery_tag)
                last = time.monotonic()
                continue
            tell()
            now = time.monotonic()
            if is_complete() or now - last > silence or now - began > limit:
                break
        channel.cancel()
        connection.close()


def take_all(url, queue):
    """Event id -> type and headers of what waits in a queue for an operator; the messages are taken out."""
    connection = connect(url)
    channel = connection.channel()
    found = {}
    for method, properties, body in channel.consume(queue, inactivity_timeout=2):
        if method is None:
            break
        channel.basic_ack(method.delivery_tag)
        event_type, event_id = named(body)
        found[event_id or properties.message_id] = {"type": event_type or properties.type} | (properties.headers or {})
    channel.cancel()
    connection.close()
    return found


def named(body):
    """Type and id of an event; None for each that cannot be read."""
    try:
        event = json.loads(body)
        return event["event_type"], event["event_id"]
    except (ValueError, TypeError, KeyError):
        return None, None
