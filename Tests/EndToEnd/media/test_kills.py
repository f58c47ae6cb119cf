"""kill -9 of service or worker at any point of a job, that works on one part or on several at once: what is made is, to the
byte, what an undisturbed run makes part after part, and told once.

`KILLS=40` kills so often, `KILL_SEED=x` at other points.
"""

import hashlib
import os
import random
import re
import signal
import time
import uuid

import bus
import flashes
import media_rules
import odd_inputs
import pytest
import worker_processes
from made_media import MadeMedia

KILLS = int(os.environ.get("KILLS", "3"))
SEED = os.environ.get("KILL_SEED", "1")
# Three parts behind the opening, so that there is something to resume, and to be made at once.
SECONDS = 100
UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UPLOADED = re.compile(rb'"uploaded_at" : "[^"]*"')
TERMINAL = ("media.ready", "media.failed")
NAME = "media-processor"


@pytest.fixture(scope="module")
def clip(uploads):
    return flashes.make(uploads.folder / "kills.mp4", SECONDS, *odd_inputs.PICTURES, *odd_inputs.AAC, size="320x180")


@pytest.fixture(scope="module")
def undisturbed(stack, clip, restarted):
    """What an undisturbed run makes, and how many seconds it takes."""
    with restarted(NAME, MEDIA_SLOTS="1"), bus.Backend(stack.environment["AMQP_URL"]) as backend:
        began = time.monotonic()
        media_id = backend.upload(clip)
        kind, payload = backend.wait_for(*TERMINAL, media_id=media_id)
        took = time.monotonic() - began
    assert kind == "media.ready", payload
    folder = stack.state / "media" / media_id
    assert media_rules.faults(MadeMedia(folder)) == []
    return contents(folder), took


def contents(folder):
    """Path -> digest of every object of a media; for whom and when it was announced is left out."""
    nobody = str(uuid.UUID(int=0)).encode()
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            data = UPLOADED.sub(b"", UUID.sub(nobody, data)) if path.suffix in (".json", ".m3u8", ".mpd", ".vtt") else data
            name = UUID.sub(nobody, str(path.relative_to(folder)).encode()).decode()
            found[name] = hashlib.sha256(data).hexdigest()
    return found


def kill_service(stack, settings):
    stack.stop_service(NAME, with_signal=signal.SIGKILL)
    stack.start_service(NAME, dies_with_parent=True, settings=settings)
    stack.wait_until_ready(NAME)


def kill_worker(stack, _settings):
    """One child, if there is any at this moment."""
    for pid in worker_processes.find(stack)[:1]:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", range(1, KILLS + 1))
def test_a_killed_job_ends_as_if_nothing_had_been(stack, backend, uploads, clip, undisturbed, restarted, number):
    settings = {"MEDIA_SLOTS": "1" if number % 3 == 0 else "3"}
    with restarted(NAME, **settings):
        kill_and_compare(stack, backend, uploads, clip, undisturbed, number, settings)


def kill_and_compare(stack, backend, uploads, clip, undisturbed, number, settings):
    expected, seconds = undisturbed
    dice = random.Random(f"kill {SEED} {number}")
    kill, delay = (kill_service, kill_worker)[number % 2], dice.uniform(0, seconds)
    media_id = str(uuid.uuid4())
    backend.upload(clip, media_id=media_id)
    time.sleep(delay)
    kill(stack, settings)
    kind, payload = backend.wait_for(*TERMINAL, media_id=media_id)
    if kind == "media.failed":
        # A worker that dies may have been the upload's fault, so it is told; whoever announces it again gets the media.
        assert (kill, payload["reason"], payload["retryable"]) == (kill_worker, "crashed", True), payload
        backend.upload(clip, media_id=media_id)
        kind, payload = backend.wait_for(*TERMINAL, media_id=media_id)
    assert kind == "media.ready", payload
    # What was still to come has come when a later upload has its answer.
    last = backend.upload(uploads.folder / "nobody.mp4")
    backend.wait_for("media.failed", media_id=last)
    assert backend.count("media.ready", media_id=media_id) == 1
    made = contents(stack.state / "media" / media_id)
    assert {name for name in made.keys() | expected.keys() if made.get(name) != expected.get(name)} == set()
