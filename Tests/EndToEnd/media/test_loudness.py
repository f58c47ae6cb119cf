"""Sound comes out as loud as the operator wants it, as another meter hears it."""

import re
import subprocess

import operated

LOUDNESS = -16


def loudness(made, rendition):
    """LUFS of a whole rendition."""
    meter = ["ffmpeg", "-nostdin", "-hide_banner", "-i", "-", "-af", "ebur128=dualmono=true", "-f", "null", "-"]
    said = subprocess.run(meter, input=made.joined(rendition), capture_output=True, check=True).stderr.decode()
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])


def test_an_upload_becomes_as_loud_as_the_operator_chose(stack, restarted, uploads, backend):
    clip = uploads.make("quiet.mp4", seconds=14, more=("-af", "volume=0.05,tremolo=f=0.5:d=0.6"))
    with restarted("media-processor", LOUDNESS_LUFS=str(LOUDNESS)):
        made = operated.make(stack, backend, clip)
    assert abs(loudness(made, made.sound[0]) - LOUDNESS) <= 1
