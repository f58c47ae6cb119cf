"""kill -9 in the middle of the work: it is done again, its effect is there once, and nobody ever saw half of it."""

import asyncio
import collections
import os
import pathlib
import re
import signal
import threading
import uuid

import bus
import phoenix
import pytest
import worker_processes


class PlaylistWatch(threading.Thread):
    """Looks at a media's folder all the time and notes every playlist that names an object that is not there, and the target
    durations that each has had."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder = pathlib.Path(folder)
        self.ended = threading.Event()
        self.looks = 0
        self.absent = set()
        self.targets = collections.defaultdict(set)

    def run(self):
        while not self.ended.wait(0.02):
            self.look()

    def look(self):
        self.looks += 1
        for playlist in [*self.folder.rglob("*.m3u8"), *self.folder.glob("*.mpd")]:
            # Kept aside for the case that a replacement fails; nobody is sent there.
            if playlist.parent.name == "previous":
                continue
            text = read(playlist)
            self.targets[playlist] |= set(re.findall("#EXT-X-TARGETDURATION:(.*)", text))
            names = [line for line in text.splitlines() if line and not line.startswith("#")]
            names += re.findall(r'URI="([^"]+)"', text)
            if playlist.suffix == ".mpd":
                # Every representation names its initialisation; the segments are those of the HLS playlists.
                names = [f"{folder}/init.mp4" for folder in re.findall(r'Representation id="([^"]+)"', text)]
            elif playlist.suffix != ".m3u8":
                names = []
            absent = {f"{playlist.name}: {name}" for name in names if not (playlist.parent / name).exists()}
            # One that has been replaced since named what was there as long as it was.
            if absent and read(playlist) == text:
                self.absent |= absent

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
        self.look()


def read(path):
    """Nothing, where somebody has removed it."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


@pytest.fixture
def long_clip(uploads):
    """Long enough that there is a middle."""
    return uploads.make("long.mp4", size="1280x720", seconds=12)


def restart(stack, name):
    stack.stop_service(name, with_signal=signal.SIGKILL)
    stack.start_service(name, dies_with_parent=True)
    stack.wait_until_ready(name)


def drain(backend, uploads):
    """Sends a small upload through after all else, so that whatever was still to come has come."""
    media_id = backend.upload(uploads.write("empty.mp4", b""))
    backend.wait_for("media.failed", media_id=media_id)


def test_a_killed_processor_finishes_after_its_restart(stack, backend, uploads, long_clip):
    media_id = str(uuid.uuid4())
    with PlaylistWatch(f"{stack.state}/media/{media_id}") as watch:
        backend.upload(long_clip, media_id=media_id)
        while backend.wait_for("media.progress", media_id=media_id)[1]["percent"] < 20:
            pass
        restart(stack, "media-processor")
        event_type, ready = backend.wait_for("media.ready", "media.failed", media_id=media_id)
        assert event_type == "media.ready", ready
        drain(backend, uploads)
    assert backend.count("media.ready", media_id=media_id) == 1
    assert backend.count("media.failed", media_id=media_id) == 0
    assert watch.looks > 10
    assert watch.absent == set()


def test_a_killed_child_is_a_failure_and_the_service_goes_on(stack, backend, uploads, long_clip):
    media_id = backend.upload(long_clip)
    while backend.wait_for("media.progress", media_id=media_id)[1]["percent"] < 10:
        pass
    (child,) = worker_processes.find(stack)
    os.kill(child, signal.SIGSEGV)
    event_type, payload = backend.wait_for("media.ready", "media.failed", media_id=media_id)
    assert (event_type, payload.get("reason")) == ("media.failed", "crashed")
    drain(backend, uploads)
    assert stack.processes["media-processor"].poll() is None


def test_a_killed_gateway_tells_of_what_happened_meanwhile(stack, backend, uploads, token, long_clip):
    media_id = str(uuid.uuid4())

    async def follow():
        async with phoenix.connect(stack, token("viewer")) as viewer:
            await viewer.join(f"media:{media_id}")
            backend.upload(long_clip, media_id=media_id, user_id="viewer")
            await viewer.event("media.progress", media_id=media_id)
            stack.stop_service("realtime-gateway", with_signal=signal.SIGKILL)
        await asyncio.to_thread(backend.wait_for, "media.ready", media_id=media_id)
        stack.start_service("realtime-gateway", dies_with_parent=True)
        await asyncio.to_thread(stack.wait_until_ready, "realtime-gateway")
        # The event waited in the queue. It comes after the join, or its state with the join's reply.
        async with phoenix.connect(stack, token("viewer")) as viewer:
            last = (await viewer.join(f"media:{media_id}"))["response"]
            ready = last["payload"] if last.get("event") == "media.ready" else None
            return ready or await viewer.event("media.ready", media_id=media_id)

    assert asyncio.run(follow())["playback_urls"]["hls"]
    drain(backend, uploads)
    assert backend.count("media.ready", media_id=media_id) == 1


def test_a_killed_dispatcher_delivers_after_its_restart(stack, backend, receiver):
    event = bus.envelope("notification.requested", {
        "user_id": "u", "type": "webhook", "title": "t", "body": "b", "to": receiver.url("/hook"),
    })
    receiver.hold()
    backend.publish(event)
    first = receiver.next_request()
    stack.stop_service("notification-dispatcher", with_signal=signal.SIGKILL)
    receiver.release()
    stack.start_service("notification-dispatcher", dies_with_parent=True)
    second = receiver.next_request()
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == event["event_id"]
    backend.wait_for("notification.delivered", notification_id=event["event_id"])
    assert backend.count("notification.delivered", notification_id=event["event_id"]) == 1
    stack.wait_until_ready("notification-dispatcher")
