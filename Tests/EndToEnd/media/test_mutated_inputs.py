"""Mutated uploads through the running service: each has one answer, none ends the service, nobody follows an address.

`MUTANTS=5000` runs so many, `MUTANT_SEED=x` others.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import uuid

import bus
import mutants
import pytest
from canary import Canary

MUTANTS = int(os.environ.get("MUTANTS", "200"))
SEED = os.environ.get("MUTANT_SEED", "1")
# Announced and not yet answered.
WINDOW = 40
SECONDS_WITHOUT_ANSWER = 120
# Reasons that say something about us rather than about the upload.
OUR_FAULT = ("crashed", "encode_failed", "storage_failed", "timed_out")
TERMINAL = ("media.ready", "media.failed")
SETTINGS = {
    "MEDIA_SLOTS": "2", "X264_PRESET": "ultrafast", "WORKER_BASE_SECONDS": "20", "WORKER_STALL_SECONDS": "20",
    "WORKER_TIME_FACTOR": "10", "WORKER_MEMORY_MB": "1024",
}


@pytest.fixture(scope="module")
def canary():
    canary = Canary()
    yield canary
    canary.close()


@pytest.fixture(scope="module")
def run(stack, restarted, uploads, canary, tmp_path_factory):
    """Everything through once; then what is to be looked at."""
    seeds = mutants.make_seeds(tmp_path_factory.mktemp("seeds"))
    folder = uploads.folder / "mutants"
    folder.mkdir(exist_ok=True)
    with restarted("media-processor", **SETTINGS), bus.Backend(stack.environment["AMQP_URL"]) as backend:
        service = stack.processes["media-processor"]
        run = Run(backend, seeds, folder, canary.url, stack.state / "media")
        run.all(MUTANTS)
        run.is_alive = service.poll() is None
    shutil.rmtree(folder)
    return run


class Run:
    def __init__(self, backend, seeds, folder, canary_url, made):
        self.backend, self.seeds, self.folder, self.canary_url, self.made = backend, seeds, folder, canary_url, made
        # Media id -> the mutant's file.
        self.waiting, self.files = {}, {}
        # Media id -> its terminal events, their types and reasons.
        self.outcomes = collections.defaultdict(list)
        self.is_alive = False

    def all(self, count):
        for number in range(count):
            while len(self.waiting) >= WINDOW:
                self.hear()
            self.announce(number)
        while self.waiting:
            self.hear()
        self.drain()

    def announce(self, number):
        name, data = mutants.make(self.seeds, SEED, number, self.canary_url)
        path = self.folder / name
        path.write_bytes(data)
        media_id = str(uuid.uuid4())
        self.waiting[media_id] = self.files[media_id] = path
        self.backend.upload(path, media_id=media_id)

    def hear(self):
        """Waits for the next answer."""
        for body in self.bodies():
            waiting = sorted(path.name for path in self.waiting.values())
            assert body, f"no answer for {SECONDS_WITHOUT_ANSWER} s; waiting for {waiting}"
            if self.note(bus.read(body)):
                return

    def bodies(self):
        """What is heard; None for silence that lasts."""
        channel, queue = self.backend.channel, self.backend.queue
        for _, _, body in channel.consume(queue, auto_ack=True, inactivity_timeout=SECONDS_WITHOUT_ANSWER):
            yield body

    def note(self, event):
        if not event or event["event_type"] not in TERMINAL or event["payload"]["media_id"] not in self.files:
            return False
        media_id = event["payload"]["media_id"]
        self.outcomes[media_id].append((event["event_type"], event["payload"].get("reason"), event["payload"].get("message")))
        if path := self.waiting.pop(media_id, None):
            path.unlink()
            shutil.rmtree(self.made / media_id, ignore_errors=True)
        return True

    def drain(self):
        """Sends one more through, so that whatever was still to come has come."""
        last = self.backend.upload(self.folder / "nobody.mp4")
        for body in self.bodies():
            event = bus.read(body)
            assert body, f"no answer for {SECONDS_WITHOUT_ANSWER} s"
            if event and event["payload"].get("media_id") == last and event["event_type"] in TERMINAL:
                return
            self.note(event)


def test_the_service_lives(run):
    assert run.is_alive


def test_each_has_one_answer(run):
    assert len(run.outcomes) == MUTANTS
    assert {path.name: run.outcomes[media_id] for media_id, path in run.files.items() if len(run.outcomes[media_id]) != 1} == {}


def documented_reasons():
    """Those that the contract lists."""
    path = pathlib.Path(__file__).parents[3] / "Shared/Contracts/schemas/media.failed.schema.json"
    reason = json.loads(path.read_text())["properties"]["payload"]["properties"]["reason"]
    return set(reason.get("enum", [])) | set(re.findall(r"[a-z_]+", reason["description"].partition("stable list:")[2]))


def test_each_failure_has_a_documented_reason(run):
    failures = [event for events in run.outcomes.values() for event in events if event[0] == "media.failed"]
    reasons = collections.Counter(reason for _, reason, _ in failures)
    print(f"{MUTANTS} mutants, seed {SEED}: {MUTANTS - sum(reasons.values())} ready, {dict(reasons.most_common())}")
    for media_id, events in run.outcomes.items():
        if events[0][1] in OUR_FAULT:
            print(f"{run.files[media_id].name}: {events[0]}")
    assert set(reasons) <= documented_reasons()
    assert all(message for _, _, message in failures)


def test_no_child_crashed(run):
    """A crash is caught; but each is a fault of a decoder that somebody should know of."""
    crashed = [run.files[media_id].name for media_id, events in run.outcomes.items() if events[0][1] == "crashed"]
    assert crashed == []


def test_nobody_followed_an_address(run, canary):
    assert canary.connections == 0
