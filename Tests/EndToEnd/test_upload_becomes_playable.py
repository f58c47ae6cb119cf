"""The whole path: a backend's event in, a video that a viewer plays to its end out."""

import asyncio
import uuid

import browser
import ffprobe
import phoenix
import pytest
import requests
from hls import MasterPlaylist, MediaPlaylist, fetch

SECONDS = 7


@pytest.fixture(scope="module")
def media(stack, uploads, token):
    """One upload, followed on the bus and by viewers of both Phoenix versions."""
    import bus

    clip = uploads.make("landscape.mp4", size="1280x720", seconds=SECONDS)
    media_id = str(uuid.uuid4())

    async def follow():
        async with phoenix.connect(stack, token("owner-1")) as owner, phoenix.connect(
            stack, token("viewer-1"), version="1.0.0"
        ) as viewer:
            assert (await owner.join("user:owner-1"))["status"] == "ok"
            assert (await viewer.join(f"media:{media_id}"))["status"] == "ok"
            with bus.Backend(stack.environment["AMQP_URL"]) as backend:
                backend.upload(clip, media_id=media_id, user_id="owner-1")
                kind, ready = await asyncio.to_thread(
                    backend.wait_for, "media.ready", "media.failed", media_id=media_id
                )
                assert kind == "media.ready", ready
                progress = [e["payload"] for e in backend.seen if e["event_type"] == "media.progress"]
            return {
                "ready": ready,
                "progress": progress,
                "owner": await owner.event("media.ready", media_id=media_id),
                "viewer": await viewer.event("media.ready", media_id=media_id),
                "seen": await viewer.event("media.progress", media_id=media_id),
            }

    return asyncio.run(follow())


def test_ready_names_what_was_made(media):
    ready = media["ready"]
    assert ready["resolutions"] == ["720p", "480p", "360p"]
    assert abs(ready["duration"] - SECONDS) < 0.1
    assert ready["thumbnail_urls"]


def test_viewers_of_both_versions_hear_of_it(media):
    assert media["owner"]["playback_urls"] == media["ready"]["playback_urls"]
    assert media["viewer"]["playback_urls"] == media["ready"]["playback_urls"]
    assert 0 <= media["seen"]["percent"] <= 100


def test_progress_only_grows(media):
    percents = [progress["percent"] for progress in media["progress"]]
    assert percents, "no media.progress came"
    assert percents == sorted(percents)


def test_every_named_object_can_be_fetched(media):
    ready = media["ready"]
    for url in [*ready["playback_urls"].values(), *ready["thumbnail_urls"], ready["poster_url"], ready["storyboard_url"]]:
        assert fetch(url).content
    master = MasterPlaylist(ready["playback_urls"]["hls"])
    playlists = [url for _, url in master.variants] + master.audio + master.iframes
    for playlist in map(MediaPlaylist, playlists):
        for url in [playlist.init, *playlist.segments]:
            assert fetch(url).content


def test_media_is_served_as_players_and_caches_want_it(media):
    hls = media["ready"]["playback_urls"]["hls"]
    playlist = fetch(hls, Origin="https://app.example.com")
    assert playlist.headers["Content-Type"].startswith("application/vnd.apple.mpegurl")
    assert playlist.headers["Access-Control-Allow-Origin"] == "*"
    segment = MediaPlaylist(MasterPlaylist(hls).variants[0][1]).segments[0]
    part = fetch(segment, Range="bytes=4-7")
    assert part.status_code == 206
    assert part.headers["Content-Range"].startswith("bytes 4-7/")
    assert part.content == fetch(segment).content[4:8]
    assert "immutable" in part.headers["Cache-Control"]
    assert requests.get(segment.replace("seg_00001", "seg_99999"), timeout=20).status_code == 404


def test_each_rung_is_aligned_and_as_long_as_it_says(media, tmp_path):
    master = MasterPlaylist(media["ready"]["playback_urls"]["hls"])
    assert len(master.variants) == 3
    starts = set()
    for attributes, url in master.variants:
        playlist = MediaPlaylist(url)
        rendition = playlist.download(tmp_path / "rendition.mp4")
        stream = ffprobe.video_stream(rendition)
        assert f"{stream['width']}x{stream['height']}" == attributes["RESOLUTION"]
        assert int(stream["nb_read_packets"]) == SECONDS * 30
        assert abs(sum(playlist.durations) - SECONDS) < 1 / 30
        keyframes = ffprobe.keyframe_times(rendition)
        for start in playlist.starts():
            assert any(abs(start - keyframe) < 0.001 for keyframe in keyframes), (start, keyframes)
        starts.add(tuple(round(start, 3) for start in playlist.starts()))
        assert ffprobe.decode(rendition) == ""
    assert len(starts) == 1, f"the rungs' segments start at different times: {starts}"
    audio = MediaPlaylist(master.audio[0])
    assert len(audio.segments) == len(starts.pop())


@pytest.mark.parametrize("protocol", ["hls", "dash"])
def test_ffmpeg_plays_it_over_http(media, protocol):
    ffprobe.decode(media["ready"]["playback_urls"][protocol])


def test_chromium_plays_it_to_the_end(stack, media, token):
    """Our own page, in a browser, with the sound and the picture of the ladder."""
    url = f"{stack.environment['GATEWAY_URL']}/?media={media['ready']['media_id']}&room=e2e&token={token('viewer-2')}"

    async def play():
        async with browser.open_page(url) as page:
            return await page.evaluate("""new Promise((resolve, reject) => {
                const attempt = () => {
                    const video = document.querySelector('video')
                    if (!video || video.readyState < 1) return setTimeout(attempt, 50)
                    video.muted = true
                    video.addEventListener('ended', () => resolve({
                        time: video.currentTime, width: video.videoWidth, height: video.videoHeight,
                        frames: video.getVideoPlaybackQuality().totalVideoFrames }))
                    video.addEventListener('error', () => reject(new Error(video.error.message)))
                    video.play().catch(reject)
                }
                attempt()
                setTimeout(() => reject(new Error('did not end: ' + document.body.innerText.slice(0, 300))), 50000)
            })""")

    result = asyncio.run(play())
    assert abs(result["time"] - SECONDS) < 0.25
    assert result["width"] * 9 == result["height"] * 16
    assert result["frames"] > SECONDS * 15
