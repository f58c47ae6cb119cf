"""Headless Chromium plays what was made: by itself, and by a player that appends the segments."""

import asyncio
import json

import browser
import media_server
import odd_inputs
import pytest
import transcoded
from made_media import MadeMedia

SECONDS = 13
FRAME_RATE = 25
# Fast enough to be short, slow enough that software keeps up.
RATE = 4


# HEVC is not among what Debian's Chromium decodes.
@pytest.fixture(scope="module", params=["h264", "av1"])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    source = folder / "source.mkv"
    odd_inputs.ffmpeg(*odd_inputs.plain("-bf", "2", size="854x480", rate=FRAME_RATE, seconds=SECONDS), source)
    code, said = transcoded.transcode(source, folder / "made", "--codec", request.param, "--segment-seconds", "2", "--preset", "ultrafast")
    assert code == 0, said
    return MadeMedia(folder / "made")


def play(folder, script):
    async def run(address):
        async with browser.open_page(f"{address}/") as page:
            return await page.evaluate(script)

    with media_server.serving(folder) as address:
        return asyncio.run(run(address))


def assert_played(made, played):
    """Without an error, from the first frame to the last, and exactly as long as it is."""
    end = max(rendition.end for rendition in made.renditions.values())
    frames = len(made.video[0][1].samples)
    assert played["errors"] == []
    assert abs(played["duration"] - end) < 1 / FRAME_RATE
    assert abs(played["time"] - end) < 1 / FRAME_RATE
    assert played["corrupted"] == 0
    assert played["frames"] == frames
    assert len(played["all"]) == 1


@pytest.mark.parametrize("manifest", ["master.m3u8", "manifest.mpd"])
@pytest.mark.parametrize("switches", ["none", "every"])
def test_appended_segments_play_without_a_hole(made, manifest, switches):
    """`every`: another rung at every segment."""
    reader = "readHLS" if manifest.endswith("m3u8") else "readDASH"
    played = play(made.folder, f"playMSE({reader}, {json.dumps(manifest)}, {json.dumps(switches)}, {RATE})")
    assert played["holes"] == []
    for track in played["buffered"]:
        (start, end), = track["ranges"]
        assert start == 0, track
        assert abs(end - SECONDS) < 1 / FRAME_RATE, track
    assert_played(made, played)
    sizes = [f"{each.track.size[0]:g}x{each.track.size[1]:g}" for _, each in made.video]
    assert set(played["sizes"]) == set(sizes if switches == "every" else sizes[:1])


def test_the_browser_plays_the_playlists_by_itself(made):
    can_play = "document.createElement('video').canPlayType('application/vnd.apple.mpegurl')"
    assert play(made.folder, can_play) in ("maybe", "probably")
    assert_played(made, play(made.folder, f"playNative('master.m3u8', {RATE})"))
