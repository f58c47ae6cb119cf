"""What a backend publishes in a run, decided by the seed before anything starts."""

import collections
import random
import uuid
from datetime import datetime, timezone

ROOM = "chat:room:chaos"

# Of a thousand events; what is left are in-app notifications.
SHARES = {"broadcast": 350, "webhook": 250, "stray": 5}

Event = collections.namedtuple("Event", "id kind key envelope")


def plan(seed, count, media, receiver_url, clip):
    """`count` events in the order in which they are published, `media` of them uploads of `clip`."""
    dice = random.Random(f"events {seed}")
    uploads = set(dice.sample(range(count), min(media, count)))
    return [make(dice, "media" if place in uploads else kind(dice), receiver_url, clip) for place in range(count)]


def kind(dice):
    number = dice.randrange(1000)
    for name, share in SHARES.items():
        if number < share:
            return name
        number -= share
    return "in_app"


def make(dice, kind, receiver_url, clip):
    event_id = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    notification = {"user_id": f"user-{dice.randrange(1000)}", "title": "t", "body": "b", "data": {"id": event_id}}
    key, payload = {
        "broadcast": lambda: ("realtime.broadcast", {"topic": ROOM, "event": "chaos", "payload": {"id": event_id}}),
        "webhook": lambda: ("notification.requested", notification | {"type": "webhook", "to": receiver_url}),
        "in_app": lambda: ("notification.requested", notification | {"type": "in_app"}),
        "stray": lambda: ("order.created", {"order": event_id}),
        "media": lambda: ("media.uploaded", {
            "media_id": event_id, "user_id": "user-1", "file_path": str(clip), "content_type": "video/mp4",
            "file_size": clip.stat().st_size, "metadata": {},
        }),
    }[kind]()
    envelope = {
        "event_type": key, "event_id": event_id, "source": "chaos-backend", "payload": payload,
        "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return Event(event_id, kind, key, envelope)
