"""What people upload that is not a fine video: each has its clear answer, and the next upload is not held up."""

import json
import os
import uuid

import bus
import ffprobe
import pytest
from hls import MasterPlaylist, MediaPlaylist, fetch


# Whoever opens this as what it is fetches an address that a stranger chose.
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n"


@pytest.fixture
def outcome(backend):
    def announce(path, **changes):
        media_id = backend.upload(path, **changes)
        return backend.wait_for("media.ready", "media.failed", media_id=media_id)

    return announce


def truncated(uploads):
    whole = uploads.make("whole.mkv", seconds=8).read_bytes()
    return uploads.write("truncated.mkv", whole[: len(whole) // 2])


def headless(uploads):
    """An MP4 that lost its end, where its index is: nothing can be decoded."""
    whole = uploads.make("tail-index.mp4", seconds=4).read_bytes()
    return uploads.write("headless.mp4", whole[: len(whole) // 2])


def link(uploads):
    target = uploads.make("whole.mkv", seconds=8)
    path = uploads.folder / "link.mkv"
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    return path


def linked_folder(uploads):
    path = uploads.folder / "linked"
    path.unlink(missing_ok=True)
    path.symlink_to("/etc")
    return path / "hostname"


def outside_by_dots(uploads):
    uploads.write("../outside.mp4", b"not yours")
    return uploads.folder / "../outside.mp4"


def pipe(uploads):
    path = uploads.folder / "pipe.mp4"
    if not path.exists():
        os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    "make, reason",
    [
        pytest.param(lambda uploads: uploads.folder / "nobody.mp4", "not_found", id="missing"),
        pytest.param(lambda uploads: uploads.write("empty.mp4", b""), "empty", id="empty"),
        pytest.param(lambda uploads: uploads.write("text.mp4", b"Dear all,\n" * 500), "not_media", id="text"),
        pytest.param(lambda uploads: uploads.write("noise.mp4", os.urandom(200_000)), "not_media", id="random bytes"),
        pytest.param(lambda uploads: uploads.write("disguise.mp4", PLAYLIST), "not_media", id="a playlist in disguise"),
        pytest.param(headless, "decode_failed", id="without its index"),
        pytest.param(lambda uploads: "/etc/passwd", "not_allowed", id="outside the root"),
        pytest.param(outside_by_dots, "not_allowed", id="outside by .."),
        pytest.param(link, "not_allowed", id="a link"),
        pytest.param(linked_folder, "not_allowed", id="below a link"),
        pytest.param(pipe, "not_allowed", id="a named pipe"),
        pytest.param(lambda uploads: uploads.folder, "not_allowed", id="a folder"),
        pytest.param(lambda uploads: "gopher://example.com/a.mp4", "unsupported_source", id="an unknown scheme"),
        pytest.param(lambda uploads: "", "unsupported_source", id="an empty path"),
    ],
)
def test_a_bad_file_is_reported_with_its_reason(outcome, uploads, make, reason):
    event_type, payload = outcome(make(uploads))
    assert (event_type, payload.get("reason")) == ("media.failed", reason), payload
    assert payload["message"]
    assert payload["retryable"] is False


def test_a_truncated_file_is_published_as_far_as_it_goes_and_flagged(outcome, uploads):
    event_type, payload = outcome(truncated(uploads))
    assert event_type == "media.ready", payload
    assert payload["incomplete"] is True
    assert 1 < payload["duration"] < 7
    ffprobe.decode(payload["playback_urls"]["hls"])


def test_sound_alone_is_playable(outcome, uploads):
    event_type, payload = outcome(uploads.make("sound.m4a", video=False), content_type="audio/mp4")
    assert event_type == "media.ready", payload
    assert payload["resolutions"] == []
    ffprobe.decode(payload["playback_urls"]["hls"])
    ffprobe.decode(payload["playback_urls"]["dash"])


def test_pictures_alone_are_playable(outcome, uploads):
    event_type, payload = outcome(uploads.make("silent.mp4", audio=False))
    assert event_type == "media.ready", payload
    assert payload["resolutions"] == ["360p"]
    assert MasterPlaylist(payload["playback_urls"]["hls"]).audio == []
    ffprobe.decode(payload["playback_urls"]["hls"])


def test_a_single_pixel_is_playable(outcome, uploads):
    more = ("-vf", "scale=1:1", "-pix_fmt", "yuv444p")
    event_type, payload = outcome(uploads.make("pixel.mkv", seconds=2, audio=False, more=more))
    assert event_type == "media.ready", payload
    ffprobe.decode(payload["playback_urls"]["hls"])


@pytest.mark.parametrize("rotated", [False, True])
def test_portrait_stays_portrait(outcome, uploads, tmp_path, rotated):
    if rotated:
        lying = uploads.make("lying.mp4", size="640x360", seconds=3)
        path = uploads.folder / "rotated.mp4"
        if not path.exists():
            uploads.make("rotated.mp4", video=False, audio=False, more=("-i", str(lying), "-c", "copy", "-metadata:s:v:0", "rotate=90"))
    else:
        path = uploads.make("portrait.mp4", size="360x640", seconds=3)
    event_type, payload = outcome(path)
    assert event_type == "media.ready", payload
    assert payload["resolutions"] == ["360p"]
    (attributes, url), = MasterPlaylist(payload["playback_urls"]["hls"]).variants
    stream = ffprobe.video_stream(MediaPlaylist(url).download(tmp_path / "portrait.mp4"))
    assert (stream["width"], stream["height"]) == (360, 640)
    assert attributes["RESOLUTION"] == "360x640"


@pytest.mark.parametrize(
    "body, reason",
    [
        pytest.param(b"hello", "not JSON", id="not JSON"),
        pytest.param(b'{"event_type":"\xff"}', "UTF-8", id="not UTF-8"),
        pytest.param(b"[]", "envelope: expected object, got array", id="no envelope"),
        pytest.param(json.dumps({k: v for k, v in bus.uploaded("x").items() if k != "source"}).encode(), "source", id="no source"),
        pytest.param(json.dumps(bus.uploaded("x", file_size="big")).encode(),
         "payload.file_size: expected integer, got string", id="a wrong type"),
        pytest.param(json.dumps(bus.envelope("media.exploded", {})).encode(), "media.exploded", id="an unknown event"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="deep JSON"),
        pytest.param(b" " * (64 << 20), "67108864 bytes, at most 16777216 are read", id="64 MiB"),
    ],
)
def test_a_poison_message_is_parked_with_its_reason(backend, outcome, uploads, body, reason):
    message_id = str(uuid.uuid4())
    backend.publish_raw(body, "media.uploaded", message_id=message_id)
    headers = backend.wait_for_parked("media.process", message_id)
    assert reason in headers["x-parked-reason"]
    assert headers["x-parked-from"] == "media.process"
    # Nothing is stuck behind it.
    event_type, _ = outcome(uploads.write("empty.mp4", b""))
    assert event_type == "media.failed"


@pytest.mark.parametrize("kind", ["table", "array"])
def test_headers_nested_without_end_are_cut(backend, kind):
    message_id = str(uuid.uuid4())
    backend.publish_raw(b"hello", "media.uploaded", message_id=message_id, headers={"x": bus.nested(kind, 15_000)})
    headers = backend.wait_for_parked("media.process", message_id)
    assert "not JSON" in headers["x-parked-reason"]
    assert str(headers["x"]).count("[" if kind == "array" else "{") < 10
