"""Captures what the publishers of this folder really put on the wire, for tests that need no broker.

    capture.py AMQP_URL FOLDER    writes FOLDER/NAME.json: the properties, the headers and the body
"""

import base64
import json
import pathlib
import sys
import time

import pika

sys.path.append(str(pathlib.Path(__file__).parents[1]))
import php_scripts  # noqa: E402

BROADCAST = {"topic": "chat:room:1", "event": "sale", "payload": {"name": "Größe", "left": 3}}
ENVELOPE = {
    "event_type": "realtime.broadcast", "event_id": "7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01",
    "timestamp": "2024-01-01T00:00:00Z", "source": "php-backend", "payload": BROADCAST,
}
NOTIFICATION = {"user_id": "user-7", "type": "in_app", "title": "Hi", "body": "There"}
PUBLICATIONS = {
    "amqplib": ("amqplib", ENVELOPE),
    "ext-amqp": ("ext_amqp", ENVELOPE),
    "symfony-json-broadcast": ("symfony", BROADCAST, "json", r"App\Message\RealtimeBroadcast"),
    "symfony-json-notification": ("symfony", NOTIFICATION, "json", r"App\Message\NotificationRequestedMessage"),
    "symfony-json-unmapped": ("symfony", {"number": 7}, "json", r"App\Message\InvoicePaid"),
    "symfony-php": ("symfony", BROADCAST | {"event": "ascii", "payload": {}}, "php", r"App\Message\RealtimeBroadcast"),
    "symfony-php-latin1": ("symfony", BROADCAST, "php-latin1", r"App\Message\RealtimeBroadcast"),
    "laravel-array": ("laravel", BROADCAST, r"App\Jobs\RealtimeBroadcastJob@handle"),
    "laravel-object": ("laravel", BROADCAST, r"App\Jobs\BroadcastRealtime", "object"),
}


def document(properties, body):
    names = ["content_type", "delivery_mode", "message_id", "correlation_id", "timestamp", "type", "app_id", "headers"]
    found = {name: getattr(properties, name) for name in names if getattr(properties, name) not in (None, {})}
    try:
        return {"properties": found, "body": body.decode()}
    except UnicodeDecodeError:
        return {"properties": found, "body_base64": base64.b64encode(body).decode()}


def main(url, folder):
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "events", "capture")
    for name, (script, event, *more) in PUBLICATIONS.items():
        php_scripts.publish(url, script, "capture", event, *more)
        deadline = time.monotonic() + 10
        while (got := channel.basic_get(queue, auto_ack=True))[0] is None:
            if time.monotonic() > deadline:
                sys.exit(f"{name}: nothing came")
            connection.sleep(0.02)
        text = json.dumps(document(*got[1:]), indent=2, ensure_ascii=False)
        (pathlib.Path(folder) / f"{name}.json").write_text(text + "\n")
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
