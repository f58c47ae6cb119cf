"""Who starts to watch as soon as a media is said to be playable sees it to its end, in better pictures as they come."""

import asyncio
import concurrent.futures
import uuid

import bus
import browser
import media_rules
import media_server
import odd_inputs
import pytest
import worker_processes
from made_media import MadeMedia
from test_crashes import PlaylistWatch

SECONDS = 13
FRAME_RATE = 25
TERMINAL = ("media.ready", "media.failed")


@pytest.fixture(scope="module")
def watched(stack, uploads):
    """One upload; a browser opens it at the event that says so."""
    clip = uploads.folder / "early.mp4"
    odd_inputs.ffmpeg(*odd_inputs.plain("-g", "1000", size="1280x720", rate=FRAME_RATE, seconds=SECONDS), clip)
    media_id = str(uuid.uuid4())
    folder = stack.state / "media" / media_id
    with bus.Backend(stack.environment["AMQP_URL"]) as backend, PlaylistWatch(folder) as watch:
        backend.upload(clip, media_id=media_id)
        while True:
            kind, payload = backend.wait_for("media.progress", *TERMINAL, media_id=media_id)
            if kind in TERMINAL or "playable_url" in payload:
                break
        assert kind == "media.progress", "it was never said to be playable"
        # On a fast machine all would be made before a browser has started.
        with worker_processes.standing_still(stack) as go_on, concurrent.futures.ThreadPoolExecutor() as pool:
            playing = pool.submit(asyncio.run, play(folder, go_on))
            kind, ready = backend.wait_for(*TERMINAL, media_id=media_id)
            played = playing.result()
        progress = [event["payload"] for event in backend.seen if event["event_type"] == "media.progress"]
    assert kind == "media.ready", ready
    return {"played": played, "ready": ready, "progress": progress, "watch": watch, "folder": folder}


async def play(folder, go_on):
    """Lets the media be made as soon as the player has asked for it, or failed."""
    try:
        with media_server.serving(folder, asked=lambda path: path.endswith(".m4s") and go_on()) as address:
            async with browser.open_page(f"{address}/") as page:
                return await page.evaluate("playGrowing('master.m3u8')")
    finally:
        go_on()


def test_it_is_said_once_and_names_the_playlist_that_stays(watched):
    said = [progress["playable_url"] for progress in watched["progress"] if "playable_url" in progress]
    assert said == [watched["ready"]["playback_urls"]["hls"]]


def test_it_plays_to_the_end_without_a_hole(watched):
    played = watched["played"]
    assert played["errors"] == [] and played["holes"] == [] and len(played["all"]) == 1
    assert abs(played["duration"] - watched["ready"]["duration"]) < 1 / FRAME_RATE
    assert abs(played["time"] - played["duration"]) < 1 / FRAME_RATE
    assert (played["frames"], played["corrupted"]) == (SECONDS * FRAME_RATE, 0)


def test_better_rungs_join(watched):
    """It began before all were there, and had all of them in the end."""
    counts = watched["played"]["counts"]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == 3


def test_no_playlist_ever_named_what_was_not_there(watched):
    assert watched["watch"].absent == set()


def test_what_is_ready_first_is_short(watched):
    """And the target is that of what follows, from the start: it may not change (RFC 8216 section 6.2.1)."""
    made = MadeMedia(watched["folder"])
    for _, rendition in made.video:
        assert [round(entry.duration) for entry in rendition.playlist.entries] == [2, 2, 4, 4, 1]
    targets = [each for each in watched["watch"].targets.values() if each]
    assert len(targets) > 3 and all(each == {"4"} for each in targets), watched["watch"].targets


def test_what_stays_breaks_no_rule(watched):
    made = MadeMedia(watched["folder"])
    assert media_rules.faults(made) == []
    assert len(made.video) == 3
