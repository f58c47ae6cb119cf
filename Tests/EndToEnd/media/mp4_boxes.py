"""Reads ISO base media files (ISO/IEC 14496-12) as far as the rules need it; shares no line with what writes them."""

import struct
from dataclasses import dataclass, field
from fractions import Fraction

import codec_configuration

# ISO/IEC 14496-12 8.8.3.1: sample_is_non_sync_sample.
NON_SYNC = 0x00010000
# Boxes that hold boxes, and how many bytes lie before them.
CONTAINERS = {
    b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0, b"edts": 0, b"mvex": 0, b"moof": 0, b"traf": 0, b"stsd": 8,
    b"avc1": 78, b"avc3": 78, b"hvc1": 78, b"hev1": 78, b"av01": 78, b"mp4a": 28,
}


class BrokenFile(Exception):
    """What is wrong with the bytes."""


@dataclass
class Box:
    type: bytes
    start: int
    body: int
    end: int
    data: bytes
    children: list = field(default_factory=list)

    @property
    def content(self):
        return self.data[self.body:self.end]

    def all(self, *path):
        """Every box at the end of a path of types."""
        found = [child for child in self.children if child.type == path[0]]
        return found if len(path) == 1 else [box for child in found for box in child.all(*path[1:])]

    def one(self, *path):
        found = self.all(*path)
        if len(found) != 1:
            raise BrokenFile(f"{len(found)} boxes at {'/'.join(name.decode() for name in path)}, expected one")
        return found[0]

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()


def read_boxes(data):
    """The file as one box whose children are its top boxes."""
    return Box(b"file", 0, 0, len(data), data, children(data, 0, len(data)))


def children(data, start, end):
    found = []
    while start < end:
        if end - start < 8:
            raise BrokenFile(f"{end - start} bytes at {start} are no box")
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            size, body = struct.unpack_from(">Q", data, start + 8)[0], start + 16
        if size < body - start or start + size > end:
            raise BrokenFile(f"box {kind!r} at {start} says {size} bytes and has {end - start}")
        box = Box(kind, start, body, start + size, data)
        if kind in CONTAINERS:
            box.children = children(data, body + CONTAINERS[kind], box.end)
        found.append(box)
        start = box.end
    return found


@dataclass
class Track:
    """What an initialisation segment says."""

    handler: str
    timescale: int
    # Ticks that the edit list takes from every time.
    edit: int
    # Pixels as shown, of the track header; None for sound.
    size: tuple
    codec: codec_configuration.Codec
    # Default duration, size and flags of samples.
    defaults: tuple
    # Creation and modification times found anywhere; all should be 0.
    clocks: list

    @property
    def is_video(self):
        return self.handler == "vide"


def read_track(data):
    file = read_boxes(data)
    if file.children[0].type != b"ftyp":
        raise BrokenFile(f"starts with {file.children[0].type!r}, not ftyp")
    moov = file.one(b"moov")
    trak = moov.one(b"trak")
    handler = trak.one(b"mdia", b"hdlr").content[8:12].decode("latin-1")
    timescale = struct.unpack_from(">I", trak.one(b"mdia", b"mdhd").content, 20 if is_long(trak.one(b"mdia", b"mdhd")) else 12)[0]
    tkhd = trak.one(b"tkhd").content
    width, height = struct.unpack(">II", tkhd[-8:])
    headers = [moov.one(b"mvhd"), trak.one(b"tkhd"), trak.one(b"mdia", b"mdhd")]
    return Track(
        handler, timescale, read_edit(trak), (width / 65536, height / 65536) if handler == "vide" else None,
        codec_configuration.read(sample_entry(trak)),
        struct.unpack_from(">III", moov.one(b"mvex", b"trex").content, 12),
        [time for header in headers for time in struct.unpack_from(">QQ" if is_long(header) else ">II", header.content, 4)],
    )


def is_long(box):
    return box.content[0] == 1


def sample_entry(trak):
    entries = trak.one(b"mdia", b"minf", b"stbl", b"stsd").children
    if len(entries) != 1:
        raise BrokenFile(f"{len(entries)} sample entries, expected one")
    return entries[0]


def read_edit(trak):
    """The media time of the one edit that counts; empty edits are not expected here."""
    lists = trak.all(b"edts", b"elst")
    if not lists:
        return 0
    content = lists[0].content
    count = struct.unpack_from(">I", content, 4)[0]
    layout = ">Qq" if is_long(lists[0]) else ">Ii"
    edits = [struct.unpack_from(layout, content, 8 + index * (struct.calcsize(layout) + 4)) for index in range(count)]
    times = [time for _, time in edits]
    if len(times) != 1 or times[0] < 0:
        raise BrokenFile(f"an edit list of {times}, expected one edit that takes away what lies before the start")
    return times[0]


@dataclass
class Sample:
    decode_time: int
    duration: int
    composition: int
    flags: int
    offset: int
    size: int

    @property
    def is_sync(self):
        return not self.flags & NON_SYNC


@dataclass
class Fragment:
    """A moof and the mdat behind it; offsets count from the segment's start."""

    start: int
    end: int
    decode_time: int
    samples: list

    @property
    def duration(self):
        return sum(sample.duration for sample in self.samples)


def read_fragments(data, track):
    """The fragments of a media segment; BrokenFile if a sample lies outside of its mdat."""
    top = read_boxes(data).children
    fragments = []
    for box, following in zip(top, [*top[1:], None]):
        if box.type == b"moof":
            if following is None or following.type != b"mdat":
                raise BrokenFile(f"the moof at {box.start} is not followed by its mdat")
            fragments.append(read_fragment(box, following, track))
    if not fragments:
        raise BrokenFile("no moof")
    return fragments


def read_fragment(moof, mdat, track):
    traf = moof.one(b"traf")
    duration, size, flags = header_defaults(traf.one(b"tfhd").content, track.defaults)
    tfdt = traf.one(b"tfdt")
    time = decode_time = struct.unpack_from(">Q" if is_long(tfdt) else ">I", tfdt.content, 4)[0]
    samples = []
    for trun in traf.all(b"trun"):
        for sample in read_run(trun.content, moof.start, (duration, size, flags), time):
            if sample.offset < mdat.body or sample.offset + sample.size > mdat.end:
                raise BrokenFile(f"a sample at {sample.offset}+{sample.size} lies outside of its mdat")
            samples.append(sample)
            time += sample.duration
    if not samples:
        raise BrokenFile(f"the moof at {moof.start} has no samples")
    return Fragment(moof.start, mdat.end, decode_time, samples)


def header_defaults(content, defaults):
    """tfhd's own defaults in place of those of the initialisation segment."""
    present, place, values = struct.unpack(">I", content[:4])[0] & 0xFFFFFF, 8, list(defaults)
    place += 8 * bool(present & 1) + 4 * bool(present & 2)
    for index, bit in enumerate((8, 16, 32)):
        if present & bit:
            values[index] = struct.unpack_from(">I", content, place)[0]
            place += 4
    return values


def read_run(content, base, defaults, time):
    version, present = content[0], struct.unpack(">I", content[:4])[0] & 0xFFFFFF
    count, place = struct.unpack_from(">I", content, 4)[0], 8
    offset = base
    if present & 1:
        offset += struct.unpack_from(">i", content, place)[0]
        place += 4
    first_flags = None
    if present & 4:
        first_flags = struct.unpack_from(">I", content, place)[0]
        place += 4
    for index in range(count):
        values = list(defaults) + [0]
        if index == 0 and first_flags is not None:
            values[2] = first_flags
        for which, bit in enumerate((0x100, 0x200, 0x400, 0x800)):
            if present & bit:
                signed = which == 3 and version == 1
                values[which] = struct.unpack_from(">i" if signed else ">I", content, place)[0]
                place += 4
        duration, size, flags, composition = values
        yield Sample(time, duration, composition, flags, offset, size)
        offset += size
        time += duration


@dataclass
class Segment:
    """A media segment as measured; times in seconds of the presentation, exact."""

    name: str
    data: bytes
    fragments: list
    start: Fraction
    end: Fraction

    @property
    def duration(self):
        return self.end - self.start

    @property
    def samples(self):
        return [sample for fragment in self.fragments for sample in fragment.samples]


def read_segment(name, data, track):
    fragments = read_fragments(data, track)
    first = fragments[0].samples[0]
    start = first.decode_time + first.composition - track.edit
    end = start + sum(fragment.duration for fragment in fragments)
    # What the edit list takes away is not part of the presentation.
    return Segment(name, data, fragments, Fraction(max(0, start), track.timescale), Fraction(end, track.timescale))
