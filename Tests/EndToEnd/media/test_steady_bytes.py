"""The bytes depend on the input and the settings alone, not on what the memory held before."""

import random
import subprocess

import pytest
import transcoded
from clips import Clips

# What is damaged is not decoded, or not wholly.
DAMAGED = {
    "hevc.mov": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"),
    "mjpeg.mov": ("-c:v", "mjpeg", "-q:v", "8"),
    "prores.mov": ("-c:v", "prores_ks"),
    "ffv1.mkv": ("-c:v", "ffv1"),
    "vp8.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"),
    "h264.mp4": ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3"),
}


def check_fillings(source, folder):
    """glibc fills what it hands out with a byte."""
    made = []
    for byte in ("1", "77", "200"):
        code, said = transcoded.transcode(source, folder / byte, MALLOC_PERTURB_=byte)
        assert code == 0, said
        made.append(transcoded.digests(folder / byte))
    assert made[0] and all(each == made[0] for each in made)


# With AVX-512, x264's look-ahead decided by unwritten memory in widths like the first; large rungs are told their pictures' types.
@pytest.mark.parametrize("size", ["426x240", "1280x720"])
def test_what_memory_held_before_makes_no_difference(size, tmp_path):
    check_fillings(Clips(tmp_path / "clips").make("grain.mp4", size=size, more=("-vf", "noise=alls=8:allf=t")), tmp_path)


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_damaged_comes_out_the_same_each_time(name, tmp_path):
    source = tmp_path / name
    # Small enough that the pictures' memory is not fresh from the kernel, which is all zero.
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=8", *DAMAGED[name], source],
                   check=True)
    content = bytearray(source.read_bytes())
    dice = random.Random(name)
    # The index lies at the end, or the header at the start.
    for _ in range(20):
        place = dice.randrange(len(content) // 10, len(content) * 8 // 10)
        content[place:place + 400] = dice.randbytes(400)
    source.write_bytes(content)
    check_fillings(source, tmp_path)
