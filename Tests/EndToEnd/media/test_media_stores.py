"""The running service with its uploads and its media elsewhere: in S3 buckets, and behind HTTP addresses."""

import time
import uuid

import bus
import media_rules
import media_server
import pytest
import s3_store
from made_media import MadeMedia

SECONDS = 10


@pytest.fixture(scope="module")
def store():
    with s3_store.running() as store:
        yield store


@pytest.fixture(scope="module")
def clip(uploads):
    return uploads.make("store.mp4", size="640x360", seconds=SECONDS)


@pytest.fixture(scope="module")
def buckets(stack, restarted, store):
    """A processor that reads from one bucket and writes into another; their names."""
    incoming, made = store.make_bucket(), store.make_bucket()
    settings = {
        "OBJECT_STORE_URL": store.url(made, "vod"), "MEDIA_BUCKETS": store.url(incoming, "uploads"),
        "MEDIA_REPLACED_KEEP_SECONDS": "0", **s3_store.KEYS,
    }
    with restarted("media-processor", **settings):
        yield incoming, made


@pytest.fixture
def s3_upload(store, buckets, clip):
    incoming, _ = buckets
    key = f"uploads/{uuid.uuid4()}.mp4"
    store.client.upload_file(str(clip), incoming, key)
    return f"s3://{incoming}/{key}"


def test_an_upload_in_one_bucket_becomes_playable_in_another(store, buckets, backend, s3_upload, tmp_path):
    _, made = buckets
    media_id = backend.upload(s3_upload)
    kind, ready = backend.wait_for("media.ready", "media.failed", media_id=media_id)
    assert kind == "media.ready", ready
    served = store.download(made, f"vod/{media_id}/", tmp_path)
    assert media_rules.faults(MadeMedia(tmp_path)) == []
    kinds = {"m3u8": "application/vnd.apple.mpegurl", "m4s": "video/iso.segment", "mp4": "video/mp4", "jpg": "image/jpeg"}
    for name, (content_type, caching) in served.items():
        extension = name.rpartition(".")[2]
        assert content_type == kinds.get(extension, content_type), name
        assert ("immutable" in caching) == (extension in ("m4s", "mp4")), (name, caching)
    assert set(kinds) <= {name.rpartition(".")[2] for name in served}


def test_a_replaced_version_and_a_cancelled_one_leave_nothing_in_the_bucket(store, buckets, backend, s3_upload, tmp_path):
    _, made = buckets
    media_id = backend.upload(s3_upload)
    assert backend.wait_for("media.ready", "media.failed", media_id=media_id)[0] == "media.ready"
    first = set(store.keys(made, f"vod/{media_id}/"))
    backend.upload(s3_upload, media_id=media_id)
    assert backend.wait_for("media.ready", "media.failed", media_id=media_id)[0] == "media.ready"
    deadline = time.monotonic() + 60
    while any(key.endswith(".m4s") and key in first for key in store.keys(made, f"vod/{media_id}/")):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    store.download(made, f"vod/{media_id}/", tmp_path)
    assert media_rules.faults(MadeMedia(tmp_path)) == []

    other = backend.upload(s3_upload)
    while not any(key.endswith(".m4s") for key in store.keys(made, f"vod/{other}/")):
        time.sleep(0.02)
    backend.publish(bus.envelope("media.cancel", {"media_id": other}))
    assert backend.wait_for("media.ready", "media.failed", media_id=other)[1]["reason"] == "cancelled"
    assert store.keys(made, f"vod/{other}/") == []


def test_what_is_not_in_the_bucket_is_missing_and_other_buckets_are_refused(store, buckets, backend):
    incoming, made = buckets
    expected = {
        f"s3://{incoming}/uploads/none.mp4": "not_found",
        f"s3://{incoming}/elsewhere/none.mp4": "not_allowed",
        f"s3://{made}/uploads/none.mp4": "not_allowed",
    }
    for path, reason in expected.items():
        media_id = backend.upload(path)
        kind, failed = backend.wait_for("media.ready", "media.failed", media_id=media_id)
        assert (kind, failed.get("reason")) == ("media.failed", reason), failed


def test_an_upload_behind_an_address_is_fetched_where_that_is_allowed(stack, restarted, backend, clip):
    with media_server.serving(clip.parent) as address:
        url = f"{address}/{clip.name}"
        with restarted("media-processor", MEDIA_URLS="http", MEDIA_URL_NETWORKS="127.0.0.0/8"):
            media_id = backend.upload(url)
            kind, ready = backend.wait_for("media.ready", "media.failed", media_id=media_id)
            assert kind == "media.ready", ready
            assert media_rules.faults(MadeMedia(stack.state / "media" / media_id)) == []
        # Loopback is nobody's upload unless the operator says so.
        with restarted("media-processor", MEDIA_URLS="http"):
            media_id = backend.upload(url)
            kind, failed = backend.wait_for("media.ready", "media.failed", media_id=media_id)
            assert kind == "media.failed" and "127.0.0.1" in failed["message"], failed


def test_an_upload_behind_tls_is_fetched_from_servers_that_somebody_trusted_vouches_for(stack, restarted, backend, clip, tmp_path):
    certificate = media_server.make_certificate(tmp_path / "own.pem")
    with media_server.serving(clip.parent, certificate) as address:
        url = f"{address}/{clip.name}"
        with restarted("media-processor", MEDIA_URL_NETWORKS="127.0.0.0/8", HTTPS_CA_FILE=str(certificate)):
            media_id = backend.upload(url)
            kind, ready = backend.wait_for("media.ready", "media.failed", media_id=media_id)
            assert kind == "media.ready", ready
            assert media_rules.faults(MadeMedia(stack.state / "media" / media_id)) == []
        with restarted("media-processor", MEDIA_URL_NETWORKS="127.0.0.0/8"):
            media_id = backend.upload(url)
            kind, failed = backend.wait_for("media.ready", "media.failed", media_id=media_id)
            assert (kind, failed.get("reason")) == ("media.failed", "source_unavailable"), failed
            assert "certificate" in failed["message"], failed
