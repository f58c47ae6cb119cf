"""What backends and operators do to jobs: cancel them, replace what is published, look at them."""

import asyncio
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import uuid
from datetime import datetime, timedelta, timezone

import browser
import bus
import pytest
import requests
import worker_processes
from hls import MasterPlaylist, MediaPlaylist, fetch


def moment(seconds=0):
    """Now, to the millisecond, as careful backends write it."""
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def cancelled(media_id, seconds=0, **payload):
    return bus.envelope("media.cancel", {"media_id": media_id, **payload}) | {"timestamp": moment(seconds)}


def uploaded(clip, media_id, seconds=0, **changes):
    return bus.uploaded(clip, media_id=media_id, **changes) | {"timestamp": moment(seconds)}


@pytest.fixture
def long_clip(uploads):
    return uploads.make("very-long.mp4", size="1280x720", seconds=40)


@pytest.fixture
def short_clip(uploads):
    return uploads.make("short.mp4", size="320x180", seconds=4)


def folder(stack, media_id):
    return pathlib.Path(stack.state) / "media" / media_id


def job(stack, event):
    return requests.get(f"{stack.environment['PROCESSOR_ADMIN_URL']}/jobs/{event['event_id']}", timeout=10).json()


def begin(backend, event, percent=5):
    """Publishes an upload and waits until it is well under way."""
    backend.publish(event)
    while backend.wait_for("media.progress", media_id=event["payload"]["media_id"])[1]["percent"] < percent:
        pass


def settle(backend, uploads):
    """Sends something through behind everything else, so that whatever was still to come has come."""
    media_id = backend.upload(uploads.write("empty.mp4", b""))
    backend.wait_for("media.failed", media_id=media_id)


def test_a_running_job_is_cancelled_within_a_second_and_leaves_nothing(stack, backend, uploads, long_clip):
    media_id = str(uuid.uuid4())
    event = uploaded(long_clip, media_id)
    begin(backend, event)
    while not any(folder(stack, media_id).rglob("*.m4s")):
        time.sleep(0.05)
    began = time.monotonic()
    backend.publish(cancelled(media_id, reason="deleted"))
    kind, failed = backend.wait_for("media.ready", "media.failed", media_id=media_id)
    taken = time.monotonic() - began
    assert (kind, failed["reason"], failed["retryable"]) == ("media.failed", "cancelled", False)
    assert taken < 1, taken
    assert not folder(stack, media_id).exists()
    settle(backend, uploads)
    assert backend.count("media.failed", media_id=media_id) == 1
    assert not folder(stack, media_id).exists()
    facts = job(stack, event)
    assert (facts["state"], facts["outcome"]) == ("ended", "cancelled")
    happened = [entry["event"] for entry in facts["history"]]
    assert happened[:2] == ["received", "started"] and happened[-2:] == ["cancel_requested", "ended"]


@contextlib.contextmanager
def second_processor(stack):
    """Another processor on the same database, queue and store; the address of its admin port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = stack.environment | stack.services["media-processor"] | {"ADMIN_PORT": str(port), "INSTANCE_ID": "second"}
    process = subprocess.Popen(
        [stack.binaries / "media-processor"], env=os.environ | settings, cwd=stack.state, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while not is_ready(url):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(40)


def is_ready(url):
    try:
        return requests.get(f"{url}/ready", timeout=2).ok
    except requests.ConnectionError:
        return False


def test_whichever_processor_hears_of_it_the_one_at_work_stops(stack, backend, long_clip):
    """Both take messages in turn, so that each cancels the other's job sooner or later."""
    with second_processor(stack) as url:
        for number in range(4):
            event = uploaded(long_clip, str(uuid.uuid4()))
            media_id = event["payload"]["media_id"]
            begin(backend, event)
            facts = requests.get(f"{url}/jobs/{event['event_id']}", timeout=10).json()
            assert facts["state"] == "running"
            began = time.monotonic()
            if number % 2:
                backend.publish(cancelled(media_id))
            else:
                # The one that does not work on it.
                other = stack.environment["PROCESSOR_ADMIN_URL"] if facts["node"] == "second" else url
                assert requests.post(f"{other}/jobs/{event['event_id']}/cancel", timeout=10).status_code == 202
            assert backend.wait_for("media.failed", media_id=media_id)[1]["reason"] == "cancelled"
            assert time.monotonic() - began < 1.5
            assert not folder(stack, media_id).exists()


def test_a_waiting_job_is_cancelled_and_the_one_before_it_goes_on(stack, backend, uploads, long_clip, short_clip, restarted):
    with restarted("media-processor", MEDIA_SLOTS="1"):
        first, second = str(uuid.uuid4()), str(uuid.uuid4())
        begin(backend, uploaded(long_clip, first))
        waiting = uploaded(short_clip, second, user_id="other")
        backend.publish(waiting)
        backend.publish(cancelled(second))
        assert backend.wait_for("media.failed", media_id=second, seconds=5)[1]["reason"] == "cancelled"
        assert job(stack, waiting)["outcome"] == "cancelled"
        assert backend.count("media.failed", media_id=first) == 0
        backend.publish(cancelled(first))
        backend.wait_for("media.failed", media_id=first)


def test_a_long_job_gives_way_to_another_users_short_one(stack, backend, uploads, short_clip, restarted):
    """At the end of a part; and takes up its work behind it."""
    long_clip = uploads.make("several-parts.mp4", size="640x360", seconds=100)
    with restarted("media-processor", MEDIA_SLOTS="1"):
        long = uploaded(long_clip, str(uuid.uuid4()))
        begin(backend, long)
        short = uploaded(short_clip, str(uuid.uuid4()), user_id="other")
        backend.publish(short)
        ready = [backend.wait_for("media.ready", "media.failed")[1] for _ in range(2)]
        assert [each["media_id"] for each in ready] == [each["payload"]["media_id"] for each in (short, long)], ready
        assert abs(ready[1]["duration"] - 100) < 0.1
        happened = [entry["event"] for entry in job(stack, long)["history"]]
        assert happened.count("started") == 2 and happened[-1] == "ended", happened


def working_threads(stack):
    """The threads of the processor's children, by their process: a name and a nice value each."""
    return {child: list(threads(child)) for child in worker_processes.find(stack)}


def threads(process):
    """From /proc/PID/task/TID/stat; see proc(5). Only a thread's name may hold spaces."""
    for stat in pathlib.Path(f"/proc/{process}/task").glob("*/stat"):
        # It may end meanwhile.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            before, after = stat.read_text().rsplit(")", 1)
            yield before.split("(", 1)[1], int(after.split()[16])


def parts_at_work(stack):
    """The nice values of the parts that are being made, of each job."""
    jobs = working_threads(stack).values()
    return [sorted(nice for name, nice in each if name.startswith("part ")) for each in jobs]


def test_free_slots_work_on_parts_of_a_job_and_go_to_whoever_comes(stack, backend, uploads, short_clip, restarted):
    long_clip = uploads.make("several-parts.mp4", size="640x360", seconds=100)
    with restarted("media-processor", MEDIA_SLOTS="3"):
        long = uploaded(long_clip, str(uuid.uuid4()))
        backend.publish(long)
        deadline = time.monotonic() + 60
        # The further ones take what the first leaves of the processor.
        while [0, 10, 10] not in parts_at_work(stack):
            assert time.monotonic() < deadline, working_threads(stack)
            time.sleep(0.02)
        short = uploaded(short_clip, str(uuid.uuid4()), user_id="other")
        backend.publish(short)
        ready = [backend.wait_for("media.ready", "media.failed")[1] for _ in range(2)]
        assert [each["media_id"] for each in ready] == [each["payload"]["media_id"] for each in (short, long)], ready
        assert abs(ready[1]["duration"] - 100) < 0.1
        # Nobody had to stop.
        assert [entry["event"] for entry in job(stack, long)["history"]].count("started") == 1


def test_a_cancel_that_overtakes_its_upload_still_counts(stack, backend, short_clip):
    media_id = str(uuid.uuid4())
    backend.publish(cancelled(media_id))
    backend.publish(uploaded(short_clip, media_id, seconds=-5))
    assert backend.wait_for("media.ready", "media.failed", media_id=media_id)[1].get("reason") == "cancelled"
    # What is uploaded after it is a new wish.
    backend.publish(uploaded(short_clip, media_id, seconds=1))
    assert backend.wait_for("media.ready", media_id=media_id)


def test_a_cancel_leaves_what_is_published(stack, backend, short_clip, long_clip):
    media_id = str(uuid.uuid4())
    backend.publish(uploaded(short_clip, media_id))
    hls = backend.wait_for("media.ready", media_id=media_id)[1]["playback_urls"]["hls"]
    before = sorted(str(path) for path in folder(stack, media_id).rglob("*"))
    begin(backend, uploaded(long_clip, media_id))
    backend.publish(cancelled(media_id))
    assert backend.wait_for("media.failed", media_id=media_id)[1]["reason"] == "cancelled"
    assert sorted(str(path) for path in folder(stack, media_id).rglob("*")) == before
    assert_playable(hls)


def assert_playable(hls):
    """Every object that the playlists name is there; returns their addresses."""
    master = MasterPlaylist(hls)
    named = []
    for playlist in map(MediaPlaylist, [url for _, url in master.variants] + master.audio):
        named += [playlist.init, *playlist.segments]
    for url in named:
        assert fetch(url).content
    return named


def test_a_player_of_the_old_version_plays_on_while_and_after_it_is_replaced(stack, backend, uploads, short_clip, restarted):
    other = uploads.make("other.mp4", size="640x360", seconds=5)
    with restarted("media-processor", MEDIA_REPLACED_KEEP_SECONDS="4"):
        media_id = str(uuid.uuid4())
        backend.publish(uploaded(short_clip, media_id))
        hls = backend.wait_for("media.ready", media_id=media_id)[1]["playback_urls"]["hls"]
        old = assert_playable(hls)
        backend.publish(uploaded(other, media_id))
        while backend.wait_for("media.progress", "media.ready", media_id=media_id)[0] != "media.ready":
            assert_playable(hls)
        replaced_at = time.monotonic()
        new = assert_playable(hls)
        assert not set(old) & set(new)
        for url in old:
            assert fetch(url).content
        deadline = time.monotonic() + 30
        while requests.get(old[0], timeout=10).status_code == 200:
            assert time.monotonic() < deadline, "the old version was not removed"
            time.sleep(0.2)
        assert time.monotonic() - replaced_at > 3
        # All of it goes, and nothing else.
        while any(requests.get(url, timeout=10).status_code == 200 for url in old):
            assert time.monotonic() < deadline
        assert_playable(hls)
        names = {path.name for path in folder(stack, media_id).iterdir()}
        deadline = time.monotonic() + 10
        while len(names) > 4 and time.monotonic() < deadline:
            time.sleep(0.1)
            names = {path.name for path in folder(stack, media_id).iterdir()}
        assert {name for name in names if not name.startswith("r-")} == {"master.m3u8", "manifest.mpd", "asset.json"}


def test_an_older_upload_that_comes_late_does_not_replace_a_newer_one(stack, backend, short_clip, uploads):
    other = uploads.make("other.mp4", size="640x360", seconds=5)
    media_id = str(uuid.uuid4())
    backend.publish(uploaded(other, media_id))
    newer = backend.wait_for("media.ready", media_id=media_id)[1]
    late = uploaded(short_clip, media_id, seconds=-60)
    backend.publish(late)
    assert backend.wait_for("media.ready", media_id=media_id)[1]["duration"] == newer["duration"]
    assert job(stack, late)["outcome"] == "replaced"


def test_a_failed_upload_leaves_nothing(stack, backend, uploads):
    clip = uploads.make("cut.mp4", size="640x360", seconds=8)
    broken = uploads.write("broken.mp4", clip.read_bytes()[:200])
    media_id = str(uuid.uuid4())
    backend.publish(uploaded(broken, media_id))
    backend.wait_for("media.failed", media_id=media_id)
    assert not folder(stack, media_id).exists()


@pytest.mark.parametrize("failpoint", ["cleared_before_finish", "worked_before_commit:2"])
def test_a_processor_killed_at_a_cancel_does_it_again(stack, backend, uploads, long_clip, failpoint):
    """The upload is worked on; the cancel, or the cleaning up after it, is where the process dies."""
    name, media_id = "media-processor", str(uuid.uuid4())
    stack.stop_service(name)
    stack.start_service(name, dies_with_parent=True, settings={"FAILPOINT": failpoint})
    stack.wait_until_ready(name)
    begin(backend, uploaded(long_clip, media_id))
    backend.publish(cancelled(media_id))
    assert stack.processes[name].wait(30) == -signal.SIGKILL
    stack.stop_service(name, with_signal=signal.SIGKILL)
    stack.start_service(name, dies_with_parent=True)
    stack.wait_until_ready(name)
    # The dead process's lease lasts for 30 s.
    kind, failed = backend.wait_for("media.ready", "media.failed", media_id=media_id, seconds=60)
    assert (kind, failed["reason"]) == ("media.failed", "cancelled")
    settle(backend, uploads)
    assert backend.count("media.failed", media_id=media_id) == 1
    assert not folder(stack, media_id).exists()


STRANGE = "<script>window.broken=1</script>"


def test_the_page_shows_jobs_as_they_go_and_cancels_one(stack, backend, uploads, long_clip):
    """The names are a stranger's: they are shown, never run."""
    strange = uploads.folder / "<img src=x onerror=window.broken=1>.mp4"
    shutil.copyfile(long_clip, strange)
    event = uploaded(strange, str(uuid.uuid4()), user_id=STRANGE)
    begin(backend, event)
    asyncio.run(look_and_cancel(stack, event))
    failed = backend.wait_for("media.failed", media_id=event["payload"]["media_id"])[1]
    assert failed["reason"] == "cancelled"


async def look_and_cancel(stack, event):
    url = f"{stack.environment['PROCESSOR_ADMIN_URL']}/jobs?user_id={urllib.parse.quote(STRANGE)}"
    async with browser.open_page(url) as page:
        find = f"document.querySelector('[data-event=\"{event['event_id']}\"]')"
        # Waits until an expression has a value.
        shown = "new Promise((done) => {{ const look = () => {0} ? done({0}) : setTimeout(look, 50); look() }})"
        text = await page.evaluate(shown.format(f"{find}?.querySelector('.what').textContent"))
        assert STRANGE in text and "onerror=" in text
        percent = await page.evaluate(shown.format(f"{find}.querySelector('progress').value"))
        assert await page.evaluate(shown.format(f"({find}.querySelector('progress').value > {percent})"))
        await page.evaluate(f"{find}.querySelector('summary').click()")
        history = await page.evaluate(shown.format(f"{find}.querySelector('li')?.parentNode.textContent"))
        assert "started" in history
        await page.evaluate(f"{find}.querySelector('button').click()")
        word = f"{find}.querySelector('.word').textContent"
        assert await page.evaluate(shown.format(f"({word} === 'cancelled')"))
        assert await page.evaluate("window.broken") is None
        assert await page.evaluate("document.querySelectorAll('#jobs script, #jobs img[src=x]').length") == 0


def test_the_page_shows_the_storyboard_of_what_is_made(stack, backend, short_clip):
    event = uploaded(short_clip, str(uuid.uuid4()))
    backend.publish(event)
    backend.wait_for("media.ready", media_id=event["payload"]["media_id"])

    async def look():
        async with browser.open_page(f"{stack.environment['PROCESSOR_ADMIN_URL']}/jobs") as page:
            picture = f"document.querySelector('[data-event=\"{event['event_id']}\"] .picture > div')?.style.backgroundImage"
            return await page.evaluate(
                "new Promise((done) => {{ const look = () => {0} ? done({0}) : setTimeout(look, 50); look() }})".format(picture)
            )

    assert "storyboard_1.jpg" in asyncio.run(look())
    assert job(stack, event)["outcome"] == "ready"


def test_jobs_are_found_and_paged(stack, backend, uploads):
    user = f"u-{uuid.uuid4()}"
    events = [uploaded(uploads.write("empty.mp4", b""), str(uuid.uuid4()), user_id=user) for _ in range(3)]
    for event in events:
        backend.publish(event)
        backend.wait_for("media.failed", media_id=event["payload"]["media_id"])
    url = f"{stack.environment['PROCESSOR_ADMIN_URL']}/jobs"
    page = requests.get(url, {"user_id": user, "limit": 2}, timeout=10)
    rest = requests.get(url, {"user_id": user, "limit": 2, "after": page.json()["next"]}, timeout=10).json()
    found = [entry["event_id"] for entry in page.json()["jobs"] + rest["jobs"]]
    assert found == [event["event_id"] for event in reversed(events)]
    assert rest["next"] is None
    again = requests.get(page.url, headers={"If-None-Match": page.headers["ETag"]}, timeout=10)
    assert again.status_code == 304
    assert json.loads(page.text)["jobs"][0]["reason"] == "empty"
