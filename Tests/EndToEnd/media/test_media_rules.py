"""The rule checker itself: it finds nothing in good output, and each of many ways to break it."""

import json
import re
import shutil
import struct

import media_rules
import odd_inputs
import pytest
import transcoded
from made_media import MadeMedia

# A box that readers skip.
FREE = struct.pack(">I4s", 4_000_008, b"free") + bytes(4_000_000)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    source = folder / "source.mp4"
    odd_inputs.ffmpeg(*odd_inputs.plain("-b:v", "200k", size="854x480", seconds=6), source)
    code, said = transcoded.transcode(source, folder / "good", "--segment-seconds", "2", "--preset", "ultrafast")
    assert code == 0, said
    return folder / "good"


def test_good_output_has_no_findings(good):
    assert [media_rules.line(finding) for finding in media_rules.check(MadeMedia(good))] == []


def edit(name, pattern, replacement, count=1):
    """Breaks a text by a regular expression that must match."""

    def breaks(folder):
        for path in sorted(folder.glob(name)):
            text, changes = re.subn(pattern, replacement, path.read_text(), count=count, flags=re.M)
            assert changes, f"{pattern} is not in {path}"
            path.write_text(text)

    return breaks


def patch(name, find, change):
    """Breaks bytes: `change` gets the data as a bytearray and where `find` starts."""

    def breaks(folder):
        paths = sorted(folder.glob(name))
        assert paths
        for path in paths:
            data = bytearray(path.read_bytes())
            place = data.find(find)
            assert place >= 0, f"{find} is not in {path}"
            change(data, place)
            path.write_bytes(data)

    return breaks


def shift_time(ticks):
    """Of a tfdt, version 1."""

    def change(data, place):
        time, = struct.unpack_from(">Q", data, place + 8)
        struct.pack_into(">Q", data, place + 8, time + ticks)

    return change


def set_word(offset, value):
    return lambda data, place: struct.pack_into(">I", data, place + offset, value)


def clear_sync(data, place):
    """Makes the first sample of a run one that needs others: its own flags, or those of all."""
    present = struct.unpack_from(">I", data, place + 4)[0]
    assert present & 4, "the run has no flags of its first sample"
    struct.pack_into(">I", data, place + 12 + 4 * bool(present & 1), 0x01010000)


def hide_idr(data, place):
    """Turns the first IDR slice behind the mdat's start into one that is none."""
    place += 4
    while True:
        length, = struct.unpack_from(">I", data, place)
        if data[place + 4] & 31 == 5:
            data[place + 4] = data[place + 4] & 0xE0 | 1
            return
        place += 4 + length


def drop_last_segment(folder):
    edit("video/360p/media.m3u8", r"#EXTINF:[^\n]*\nseg_00003.m4s\n", "")(folder)


def add(name, data):
    return lambda folder: (folder / name).write_bytes(data)


def remove(name):
    return lambda folder: (folder / name).unlink()


def append(name, data):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes() + data)


def add_to_number(name, pattern, amount):
    """`pattern` has three groups, the second a number."""
    return edit(name, pattern, lambda match: f"{match[1]}{int(match[2]) + amount}{match[3]}")


def flip_bits(offset, mask):
    return lambda data, place: data.__setitem__(place + offset, data[place + offset] ^ mask)


def shorten(folder):
    path = folder / "thumb_2.jpg"
    path.write_bytes(path.read_bytes()[:-500])


def scale_bandwidth(name, factor):
    """Of the first variant that has it."""
    pattern = rf"(?<![A-Z-]){name}=(\d+)"
    return edit("master.m3u8", pattern, lambda match: f"{name}={int(int(match[1]) * factor)}")


def describe(**changes):
    def breaks(folder):
        path = folder / "asset.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return breaks


BREAKS = [
    ("BANDWIDTH is within 1 % of what is measured", scale_bandwidth("BANDWIDTH", 1.02)),
    ("AVERAGE-BANDWIDTH is within 1 % of what is measured", scale_bandwidth("AVERAGE-BANDWIDTH", 0.9)),
    ("the peak is at most twice the average", append("video/480p/seg_00002.m4s", FREE)),
    ("FRAME-RATE is the measured one", edit("master.m3u8", "FRAME-RATE=25", "FRAME-RATE=50")),
    ("CODECS is what the configurations say", edit("master.m3u8", r"avc1\.....", "avc1.7A00")),
    ("RESOLUTION is that of the tkhd", edit("master.m3u8", "RESOLUTION=640x360", "RESOLUTION=642x360")),
    ("RESOLUTION is that of the tkhd", patch("video/360p/init.mp4", b"tkhd", set_word(80, 642 << 16))),
    ("RESOLUTION is that of the codec", patch("video/360p/init.mp4", b"avcC", flip_bits(17, 0x10))),
    ("INDEPENDENT-SEGMENTS is declared", edit("master.m3u8", "#EXT-X-INDEPENDENT-SEGMENTS\n", "")),
    ("VERSION is 7", edit("video/360p/media.m3u8", "VERSION:7", "VERSION:6")),
    ("playlists have a MAP", edit("audio/und/media.m3u8", "#EXT-X-MAP[^\n]*\n", "")),
    ("PLAYLIST-TYPE is there", edit("video/360p/media.m3u8", "TYPE:VOD", "TYPE:EVENT")),
    ("ENDLIST is there", edit("audio/und/media.m3u8", "#EXT-X-ENDLIST\n", "")),
    ("TARGETDURATION holds every EXTINF", edit("video/360p/media.m3u8", "TARGETDURATION:2", "TARGETDURATION:1")),
    ("all playlists have the same target duration", edit("video/360p/media.m3u8", "TARGETDURATION:2", "TARGETDURATION:3")),
    ("no segment is longer than its target and 0.5 s", edit("**/*.m3u8", "TARGETDURATION:2|VERSION:7", "TARGETDURATION:1", 2)),
    ("EXTINF sums to what is measured over any run", edit("video/360p/media.m3u8", "EXTINF:2.0", "EXTINF:2.1")),
    ("all playlists last as long", edit("video/360p/media.m3u8", "EXTINF:2.0", "EXTINF:2.1")),
    ("all playlists have the same number of segments", drop_last_segment),
    ("what is stored is named", add("video/360p/seg_00004.m4s.part", b"half")),
    ("named objects exist", remove("video/360p/seg_00002.m4s")),
    ("named objects exist", remove("video/480p/iframes.m3u8")),
    ("objects are readable", patch("video/360p/seg_00001.m4s", b"moof", set_word(-4, 1 << 30))),
    ("objects are readable", edit("manifest.mpd", "</Period>", "")),
    ("tfdt is the previous tfdt and its duration", patch("video/360p/seg_00002.m4s", b"tfdt", shift_time(1))),
    ("all playlists have the same boundaries", patch("video/360p/seg_0000*.m4s", b"tfdt", shift_time(3600))),
    ("sound and pictures start together", patch("audio/und/seg_0000*.m4s", b"tfdt", shift_time(4800))),
    ("segments start with an IDR", patch("video/360p/seg_00002.m4s", b"trun", clear_sync)),
    ("sync samples are IDR pictures", patch("video/360p/seg_00002.m4s", b"mdat", hide_idr)),
    ("I-frame ranges hold the moof and the frame", add_to_number("video/360p/iframes.m3u8", r"(BYTERANGE:)(\d+)(@)", -1)),
    ("I-frame playlists last as long as their rendition", edit("video/360p/iframes.m3u8", "EXTINF:2.0", "EXTINF:2.1")),
    ("LANGUAGE is on every rendition", edit("master.m3u8", ',LANGUAGE="und"', "")),
    ("CHANNELS is that of the track", edit("master.m3u8", 'CHANNELS="1"', 'CHANNELS="2"')),
    ("one rendition of a group is the default", edit("master.m3u8", "DEFAULT=YES", "DEFAULT=NO")),
    ("no absolute time", edit("video/360p/media.m3u8", "#EXTINF", "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z\n#EXTINF")),
    ("no absolute time", patch("video/360p/init.mp4", b"mvhd", set_word(8, 3_800_000_000))),
    ("no absolute time", edit("manifest.mpd", "<MPD ", '<MPD publishTime="2026-01-01T00:00:00Z" ')),
    ("no absolute time", describe(made_at="2026-01-01T00:00:00Z")),
    ("the manifest is static", edit("manifest.mpd", 'type="static"', 'type="dynamic"')),
    ("the manifest names its profiles", edit("manifest.mpd", "isoff-live", "isoff-main")),
    ("mediaPresentationDuration is the last segment's end", edit("manifest.mpd", 'nDuration="PT6', 'nDuration="PT5')),
    ("the SegmentTimeline is that of the segments", add_to_number("manifest.mpd", r'(<S t="0" d=")(\d+)(")', 1)),
    ("segmentAlignment is true", edit("manifest.mpd", ' segmentAlignment="true"', "")),
    ("startWithSAP is 1", edit("manifest.mpd", 'startWithSAP="1"', 'startWithSAP="2"')),
    ("bandwidth is within 1 % of what is measured", add_to_number("manifest.mpd", r'( bandwidth=")(\d+)(")', 20_000)),
    ("codecs is what the configuration says", edit("manifest.mpd", "mp4a.40.2", "mp4a.40.5")),
    ("DASH names what HLS names", edit("manifest.mpd", r'<Representation id="video/360p"[^\n]*\n', "")),
    ("pictures can be decoded", shorten),
    ("pictures can be decoded", add("poster.jpg", b"\x89PNG")),
    ("thumbnails are of one size", lambda folder: shutil.copy(folder / "storyboard_1.jpg", folder / "poster.jpg")),
    ("sprites lie within their sheet", edit("storyboard.vtt", "xywh=160,0", "xywh=16000,0")),
    ("storyboard cues follow each other", edit("storyboard.vtt", "--> 00:00:01.000", "--> 00:00:00.900")),
    ("named objects exist", remove("storyboard_1.jpg")),
    ("asset.json counts the thumbnails", describe(thumbnails=4)),
    ("asset.json tells the duration", describe(duration=5.0)),
    ("asset.json describes the rungs", describe(video=[])),
    ("checksums are those of the objects", patch("audio/und/seg_00002.m4s", b"mdat", set_word(40, 0))),
    ("checksums are those of the objects", edit("SHA256SUMS", r"[^\n]*seg_00002[^\n]*\n", "")),
    ("checksums are those of the objects", describe(checksums={})),
]


NUMBERED = [pytest.param(*each, id=f"{number}: {each[0]}") for number, each in enumerate(BREAKS, 1)]


@pytest.mark.parametrize("rule, breaks", NUMBERED)
def test_what_is_broken_is_found(good, tmp_path, rule, breaks):
    folder = tmp_path / "broken"
    shutil.copytree(good, folder)
    breaks(folder)
    found = {finding.rule for finding in media_rules.check(MadeMedia(folder))}
    assert rule in found, found
