"""HEVC and AV1 in the confined worker of the running service, within its usual memory."""

import operated
import pytest


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_an_upload_becomes_what_the_operator_chose(stack, restarted, uploads, backend, codec):
    clip = uploads.make("codecs.mp4", size="1920x1080", seconds=5)
    with restarted("media-processor", VIDEO_CODEC=codec, X264_PRESET="ultrafast"):
        made = operated.make(stack, backend, clip)
    entries = {each.track.codec.entry for _, each in made.video}
    assert entries == {{"hevc": "hvc1", "av1": "av01"}[codec]}
