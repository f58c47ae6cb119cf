"""Flash and beep: what is seen and heard together in a source is so in what is made of it, everywhere."""

import flashes
import odd_inputs
import pytest
import test_media_browser
import transcoded
from made_media import MadeMedia

# Seconds: one AAC frame at 48 kHz.
LIMIT = 1024 / 48000
H264 = (*odd_inputs.PICTURES, "-g", "50")
# Parts are about 30 s long.
LONG = 70

SOURCES = {
    "long.mp4": (LONG, (*H264, *odd_inputs.AAC)),
    "groups.mkv": (11, (*H264, "-bf", "3", "-c:a", "libopus")),
    "other-rate.mp4": (7, (*H264, *odd_inputs.AAC, "-ar", "44100")),
    "broadcast.ts": (7, ("-c:v", "mpeg2video", "-c:a", "mp2")),
    "padded.mov": (7, ("-c:v", "prores_ks", "-c:a", "pcm_s16le")),
    "song.webm": (7, ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis")),
    "layer-3.avi": (7, ("-c:v", "mpeg4", "-c:a", "libmp3lame")),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sync")
    all_made = {}

    def make(name):
        if name not in all_made:
            seconds, codecs = SOURCES[name]
            source = flashes.make(folder / name, seconds, *codecs)
            output = folder / f"{name}.made"
            code, said = transcoded.transcode(source, output)
            assert code == 0, said
            all_made[name] = MadeMedia(output)
        return all_made[name]

    return make


def offsets(heard, seen):
    assert len(heard) == len(seen)
    return [beep - flash for beep, flash in zip(heard, seen)]


@pytest.mark.parametrize("name", SOURCES)
def test_flash_and_beep_come_together_from_start_to_end(made, name):
    """Across the seams of parts too, where the source is longer than one."""
    media = made(name)
    expected = flashes.times(SOURCES[name][0])
    (sound,) = media.sound
    heard = flashes.beep_times(media, sound)
    for _, rendition in media.video:
        seen = flashes.flash_times(media, rendition)
        assert len(seen) == len(expected)
        assert max(map(abs, offsets(heard, seen))) <= LIMIT
        # Not only together, but when they were; containers that count frames may be off by one.
        assert max(abs(flash - time) for flash, time in zip(seen, expected)) <= LIMIT + 1 / flashes.FRAME_RATE


def test_they_come_together_after_a_switch(made):
    """Whoever takes another rung from a segment on sees its flashes at the same times."""
    media = made("long.mp4")
    heard = flashes.beep_times(media, media.sound[0])
    for first in (1, len(media.video[0][1].segments) // 2, len(media.video[0][1].segments) - 2):
        for _, rendition in media.video:
            seen = flashes.flash_times(media, rendition, first)
            later = heard[len(heard) - len(seen):]
            assert seen and max(map(abs, offsets(later, seen))) <= LIMIT


def test_a_browser_shows_them_in_time_while_it_switches(tmp_path):
    """Another rung at every segment: the picture before each flash is black, the one at it white."""
    source = flashes.make(tmp_path / "source.mp4", 9, *H264, *odd_inputs.AAC, size="854x480")
    code, said = transcoded.transcode(source, tmp_path / "made", "--segment-seconds", "2", "--preset", "ultrafast")
    assert code == 0, said
    half = 0.5 / flashes.FRAME_RATE
    times = [place for time in flashes.times(9) for place in (time - half, time + half)]
    script = f"playMSE(readHLS, 'master.m3u8', 'every', 4).then(() => coloursAt({times}))"
    colours = test_media_browser.play(tmp_path / "made", script)
    assert [colour[0] > flashes.BRIGHT for colour in colours] == [False, True] * (len(times) // 2)
