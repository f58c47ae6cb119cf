"""Damaged and hostile uploads by the thousand: the same seed and number give the same bytes.

    python3 mutants.py FOLDER SEED NUMBER      writes one of them, to look at it
"""

import pathlib
import random
import struct
import subprocess
import sys

PICTURES = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=0.6")
SOUND = ("-f", "lavfi", "-i", "sine=sample_rate=24000:duration=0.6")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "4")
BOTH = (*PICTURES, *SOUND)

SEEDS = {
    "h264.mp4": (*BOTH, *H264, "-c:a", "aac"),
    "fragmented.mp4": (*BOTH, *H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"),
    "hevc.mp4": (*BOTH, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-c:a", "aac"),
    "jpeg.mov": (*BOTH, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
    "phone.3gp": (*BOTH, "-c:v", "h263", "-s", "128x96", "-c:a", "aac"),
    "sound.m4a": (*SOUND, "-c:a", "aac"),
    "h264.mkv": (*BOTH, *H264, "-c:a", "libopus"),
    "vp8.webm": (*BOTH, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"),
    "vp9.webm": (*BOTH, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"),
    "mpeg2.ts": (*BOTH, "-c:v", "mpeg2video", "-c:a", "mp2"),
    "h264.ts": (*BOTH, *H264, "-c:a", "aac"),
    "flash.flv": (*BOTH, "-c:v", "flv", "-c:a", "libmp3lame", "-ar", "22050"),
    "divx.avi": (*BOTH, "-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "cineform.mov": (*BOTH, "-c:v", "cfhd", "-pix_fmt", "yuv422p10le", "-c:a", "adpcm_ima_qt"),
    "cinepak.mov": (*BOTH, "-c:v", "cinepak", "-c:a", "pcm_s16be"),
    "sorenson.mov": (*BOTH, "-c:v", "svq1", "-pix_fmt", "yuv410p", "-c:a", "alac"),
    "cinema.mov": (*BOTH, "-c:v", "jpeg2000", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    "screen.avi": (*BOTH, "-c:v", "zmbv", "-c:a", "adpcm_ms"),
    "screen.flv": (*BOTH, "-c:v", "flashsv", "-c:a", "libmp3lame", "-ar", "22050"),
    "dirac.mkv": (*BOTH, "-c:v", "vc2", "-b:v", "1M", "-strict", "-2", "-c:a", "wavpack"),
    "theora.ogg": (*BOTH, "-c:v", "libtheora", "-c:a", "libvorbis"),
    "sound.mp3": (*SOUND, "-c:a", "libmp3lame"),
    "sound.wav": (*SOUND,),
    "sound.aac": (*SOUND, "-c:a", "aac"),
    "sound.flac": (*SOUND, "-c:a", "flac"),
}
# Values at which lengths and counts go wrong.
EDGES = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]
# One of so many refers to another file or address.
REFERRING = 12


def make_seeds(folder):
    """Name -> bytes."""
    seeds = {}
    for name, arguments in SEEDS.items():
        path = folder / name
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-bitexact", *arguments, path], check=True)
        seeds[name] = path.read_bytes()
    return seeds


def make(seeds, seed, number, canary):
    """(File name, bytes) of a mutant; `canary` is an address that nobody should fetch."""
    dice = random.Random(f"mutant {seed} {number}")
    if number % REFERRING == 0:
        name, data = REFERENCES[number // REFERRING % len(REFERENCES)](seeds, canary)
        changes = dice.choice([0, 0, 1])
    else:
        name = dice.choice(sorted(seeds))
        data, changes = seeds[name], dice.choice([1, 1, 2, 4, 16])
    data = bytearray(data)
    for _ in range(changes):
        dice.choice(CHANGES)(dice, data, seeds)
    return f"{number}-{name}", bytes(data)


# Changes


def place(dice, data):
    """Headers are what most can go wrong in."""
    limit = dice.choice([64, 1024, len(data)])
    return dice.randrange(max(1, min(limit, len(data))))


def flip(dice, data, _):
    for _ in range(dice.choice([1, 8, 64])):
        if data:
            data[place(dice, data)] ^= 1 << dice.randrange(8)


def overwrite(dice, data, _):
    where, layout = place(dice, data), dice.choice(["B", ">H", "<H", ">I", "<I", ">Q"])
    value = dice.choice(EDGES) & ((1 << 8 * struct.calcsize(layout)) - 1)
    data[where:where + struct.calcsize(layout)] = struct.pack(layout, value)


def cut(dice, data, _):
    start = place(dice, data)
    del data[start:start + dice.choice([1, 4, 100, 10_000])]


def end(dice, data, _):
    del data[dice.randrange(len(data) + 1):]


def repeat(dice, data, _):
    start = place(dice, data)
    data[start:start] = data[start:start + dice.choice([4, 188, 2000])] * dice.choice([1, 2, 20])


def swap(dice, data, _):
    one, other, length = place(dice, data), place(dice, data), dice.choice([4, 64, 1000])
    first, second = data[one:one + length], data[other:other + length]
    if len(first) == len(second) and abs(one - other) >= length:
        data[one:one + length], data[other:other + length] = second, first


def blank(dice, data, _):
    start, length = place(dice, data), dice.choice([4, 16, 500])
    length = min(length, len(data) - start)
    data[start:start + length] = bytes([dice.choice([0, 0xFF])]) * length


def splice(dice, data, seeds):
    other = seeds[dice.choice(sorted(seeds))]
    start = dice.randrange(len(other))
    where = place(dice, data)
    data[where:where] = other[start:start + dice.choice([100, 5000])]


def resize_box(dice, data, _):
    """Gives a box that says moov, trak, stsz, ... another length, or its table another count."""
    names = "moov trak mdia stbl stsz stco stts ctts stsc elst trun mdat avcC esds".split()
    where = data.find(dice.choice(names).encode())
    if where >= 4:
        offset = dice.choice([-4, -4, 4, 8, 12])
        data[where + offset:where + offset + 4] = struct.pack(">I", dice.choice([*EDGES, 8, 9, 16, len(data)]))


CHANGES = [flip, flip, overwrite, overwrite, cut, end, repeat, swap, blank, splice, resize_box, resize_box]


# Files that refer to the canary


def playlist(_, canary):
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", f'#EXT-X-MAP:URI="{canary}/init"', "#EXTINF:1,", f"{canary}/a.ts", "#EXT-X-ENDLIST"]
    return "playlist.mp4", "\n".join(lines).encode()


def keyed_playlist(_, canary):
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", f'#EXT-X-KEY:METHOD=AES-128,URI="{canary}/key"', "#EXTINF:1,", "/etc/passwd"]
    return "keyed.ts", "\n".join(lines).encode()


def concatenation(_, canary):
    return "concat.mkv", f"ffconcat version 1.0\nfile '{canary}/a.mp4'\nfile /etc/passwd\n".encode()


def manifest(_, canary):
    return "manifest.mp4", (
        f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S">'
        f"<Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>{canary}/a.mp4</BaseURL>"
        f"</Representation></AdaptationSet></Period></MPD>"
    ).encode()


def session(_, canary):
    host = canary.removeprefix("http://")
    lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=x", f"a=control:rtsp://{host}/", "c=IN IP4 127.0.0.1", "t=0 0", "m=video 9 RTP/AVP 96"]
    return "session.mp4", "\n".join(lines).encode()


def box(kind, content):
    return struct.pack(">I4s", 8 + len(content), kind) + content


def outside_data(seeds, canary):
    """A track whose samples lie at an address, by its `dref` box."""
    data = seeds["h264.mp4"]
    entry = box(b"url ", b"\0\0\0\1")
    where = data.index(entry)
    # The samples' own file: what follows in the same box is cut, so that all sizes stay.
    reference = box(b"url ", bytes(4) + canary.encode() + b"\0")
    return "outside.mp4", grown(data, where, entry, reference, (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"))


def grown(data, where, old, new, parents):
    """Replaces a box by a longer one and adds to the sizes of all that hold it."""
    data = bytearray(data)
    for parent in parents:
        at = data.rfind(parent, 0, where) - 4
        struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + len(new) - len(old))
    data[where:where + len(old)] = new
    return bytes(data)


def reference_movie(_, canary):
    """QuickTime's movie that is only an address."""
    address = canary.encode() + b"/a.mov\0"
    reference = box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(address)) + address)
    return "reference.mov", box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", box(b"rmra", box(b"rmda", reference)))


def alias(seeds, canary):
    data = seeds["jpeg.mov"]
    where = data.index(b"dref") - 4
    entry = data[where + 16:where + 16 + struct.unpack_from(">I", data, where + 16)[0]]
    path = b"/etc/passwd"
    # An alias record of version 2 whose item 18 is a path; 0xFFFF ends the items.
    items = struct.pack(">HH", 18, len(path)) + path + b"\0" + struct.pack(">HH", 0xFFFF, 0)
    reference = box(b"alis", bytes(4) + struct.pack(">HH", 0, 2) + bytes(142) + items)
    return "alias.mov", grown(data, where + 16, entry, reference, (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"))


REFERENCES = [playlist, outside_data, concatenation, reference_movie, manifest, keyed_playlist, session, alias]


if __name__ == "__main__":
    folder, seed, number = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    name, data = make(make_seeds(folder), seed, number, "http://127.0.0.1:9")
    (folder / name).write_bytes(data)
    print(folder / name)
