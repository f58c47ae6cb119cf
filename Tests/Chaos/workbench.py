"""One private broker and the services of the crash matrix: what each row needs to break them and to count effects."""

import json
import os
import pathlib
import signal
import subprocess
import time

import bus
import clips
import ledger
import pika
import witness as witnesses
from fleet import Fleet
from receiver import Receiver
from stack import BROKER_SCRIPT, Stack

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DISPATCHER, PROCESSOR, GATEWAY = "notification-dispatcher", "media-processor", "realtime-gateway"
WEBHOOK_SECONDS = 2
EFFECT_SECONDS = 90


class Workbench:
    def __init__(self, folder, database_url):
        self.receiver = Receiver("matrix", WEBHOOK_SECONDS)
        settings = {
            "WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_SECRET": bus.WEBHOOK_SECRET, "WEBHOOK_TIMEOUT": f"{WEBHOOK_SECONDS}s",
        }
        binaries = REPOSITORY / ".build" / os.environ.get("BUILD", "release")
        self.stack = Stack(folder / "stack", binaries, int(os.environ.get("PORT_OFFSET", "0")) + 6000, settings)
        self.url = self.stack.environment["AMQP_URL"]
        self.fleet = Fleet(self.stack, database_url)

    def __enter__(self):
        self.start_broker()
        self.witness = witnesses.Witness(self.url)
        for name in self.fleet.names:
            self.start(name)
        files = clips.Clips(pathlib.Path(self.stack.environment["MEDIA_ROOT"]))
        self.clip = files.make("tiny.mp4", size="128x72", seconds=1)
        self.long_clip = files.make("long.mp4", size="1280x720", seconds=60)
        self.no_clip = files.write("text.mp4", b"no film at all")
        return self

    def __exit__(self, *_):
        self.fleet.close()
        self.stack.stop()
        self.receiver.close()

    # Services

    def start(self, name, failpoint=None):
        """Starts a service; with a failpoint it may be gone before it is ready."""
        self.fleet.start(name, {"FAILPOINT": failpoint} if failpoint else None)
        if not failpoint:
            self.fleet.wait_until_ready(name)

    def stop(self, name, with_signal=signal.SIGTERM):
        self.fleet.stop(name, with_signal)

    def arm(self, name, failpoint):
        """Restarts a service so that it dies at a line."""
        self.stop(name, signal.SIGKILL)
        self.start(name, failpoint)

    def await_death(self, name, seconds=60):
        """Waits until the failpoint has killed the service, and starts it without."""
        code = self.stack.processes[name].wait(seconds)
        assert code == -signal.SIGKILL, f"{name} ended with {code}, not at its failpoint"
        self.stop(name, signal.SIGKILL)
        self.start(name)

    # The broker

    def start_broker(self):
        self.stack.start_broker(watch=os.getpid())

    def kill_broker(self):
        """kill -9, and back again."""
        folder = self.stack.state / "rabbitmq"
        os.kill(int((folder / "server.pid").read_text()), signal.SIGKILL)
        while (folder / "keeper.pid").exists():
            time.sleep(0.05)
        self.start_broker()

    def control(self, *words):
        command = [BROKER_SCRIPT, "ctl", self.stack.state / "rabbitmq", *words]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    # Publishing

    def event(self, kind, **changes):
        if kind == "media":
            return bus.uploaded(self.clip, **changes)
        payload = {"user_id": "u", "title": "t", "body": "b", "type": kind, "to": self.receiver.url} | changes
        return bus.envelope("notification.requested", payload, self.receiver.prompt_id())

    def cancel(self, upload):
        return bus.envelope("media.cancel", {"media_id": upload["payload"]["media_id"]})

    def objects_of(self, upload):
        """The files in the store that belong to an upload's media."""
        folder = self.stack.state / "media" / upload["payload"]["media_id"]
        return (path for path in folder.rglob("*") if path.is_file())

    def publish(self, *events, key=None, mode=2, exchange="events"):
        """Publishes as a good backend does; returns when all is confirmed."""
        connection = witnesses.connect(self.url)
        channel = connection.channel()
        channel.confirm_delivery()
        for event in events:
            channel.basic_publish(
                exchange, key or event["event_type"], json.dumps(event).encode(), properties(event, mode), mandatory=True
            )
        connection.close()

    # Effects

    def effects_of(self, event):
        """(Type, id) -> how often it was seen, of what came of an event."""
        return ledger.effects(self.witness.seen)[cause_of(event)]

    def await_effects(self, events, *groups):
        """Waits until each event has an outcome of each group, and then for what may come twice."""
        has = lambda event, group: any(kind in group for kind, _ in self.effects_of(event))
        complete = lambda: all(has(event, group) for event in events for group in groups)
        self.witness.read(complete, EFFECT_SECONDS, EFFECT_SECONDS, idle=0.1)
        self.witness.read(lambda: False, 0.5, 5, idle=0.1)

    def assert_once(self, events, *groups):
        """Every event has one outcome of each group: one id, however often it was told."""
        self.await_effects(events, *groups)
        for event in events:
            seen = self.effects_of(event)
            for group in groups:
                ids = [key for key in seen if key[0] in group]
                assert len(ids) == 1, f"{event['event_id']}: {dict(seen)}, expected one of {group}"


def cause_of(event):
    payload = event["payload"]
    return payload["media_id"] if "media_id" in payload else event["event_id"]


def properties(event, mode=2):
    return pika.BasicProperties(content_type="application/json", delivery_mode=mode, message_id=event["event_id"])
