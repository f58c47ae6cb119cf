"""Reads what names the segments: HLS playlists (RFC 8216) and the DASH manifest, from files."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from fractions import Fraction

from hls import attributes

DASH = "{urn:mpeg:dash:schema:mpd:2011}"


@dataclass
class Entry:
    uri: str
    # Seconds, exactly as written.
    duration: Fraction
    # (offset, length), or None for the whole object.
    range: tuple = None


class Playlist:
    """Any m3u8: its tags by name in order, and what its lines name."""

    def __init__(self, text):
        self.lines = text.splitlines()
        self.tags = [line[1:].partition(":")[::2] for line in self.lines if line.startswith("#EXT")]
        self.entries = []
        duration, place = None, None
        for line in self.lines:
            if line.startswith("#EXTINF:"):
                duration = Fraction(line[8:].split(",")[0])
            elif line.startswith("#EXT-X-BYTERANGE:"):
                length, _, offset = line[17:].partition("@")
                place = int(offset), int(length)
            elif line and not line.startswith("#"):
                self.entries.append(Entry(line, duration, place))
                duration, place = None, None

    def all(self, name):
        return [value for tag, value in self.tags if tag == name]

    def one(self, name):
        """The value of a tag that is there once; None otherwise."""
        values = self.all(name)
        return values[0] if len(values) == 1 else None

    def attribute_lists(self, name):
        return [attributes(f":{value}") for value in self.all(name)]

    @property
    def map(self):
        maps = self.attribute_lists("EXT-X-MAP")
        return maps[0].get("URI") if len(maps) == 1 else None

    @property
    def duration(self):
        return sum((entry.duration for entry in self.entries), Fraction(0))

    def variants(self):
        """(Attributes, URI) of each STREAM-INF."""
        return [
            (attributes(line), self.lines[index + 1] if index + 1 < len(self.lines) else "")
            for index, line in enumerate(self.lines) if line.startswith("#EXT-X-STREAM-INF:")
        ]


@dataclass
class Representation:
    attributes: dict
    # Those of its adaptation set, where it has none of its own.
    set: dict
    init: str
    # (URI, start, duration) of every segment; seconds.
    segments: list


class Manifest:
    def __init__(self, text):
        self.text = text
        self.root = ElementTree.fromstring(text)
        self.sets = []
        for period in self.root.iter(f"{DASH}Period"):
            self.sets += [self.read_set(element) for element in period.findall(f"{DASH}AdaptationSet")]

    def read_set(self, element):
        shared = element.find(f"{DASH}SegmentTemplate")
        return dict(element.attrib), [
            read_representation(each, dict(element.attrib), shared) for each in element.findall(f"{DASH}Representation")
        ]

    def representations(self):
        return [each for _, representations in self.sets for each in representations]

    def seconds(self, name):
        """A duration of the MPD element, PT1H2M3.5S."""
        match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?", self.root.get(name, ""))
        hours, minutes, seconds = match.groups(default="0") if match else ("0", "0", "-1")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)


def read_representation(element, parent, shared):
    own = element.find(f"{DASH}SegmentTemplate")
    template = own if own is not None else shared
    if template is None:
        # Of subtitles: one file.
        bases = [base.text for base in element.iter(f"{DASH}BaseURL")]
        return Representation(dict(element.attrib), parent, None, [(base, None, None) for base in bases])
    name = lambda pattern, number=0: re.sub(
        r"\$Number(?:%0(\d+)d)?\$", lambda match: str(number).zfill(int(match[1] or 1)),
        pattern.replace("$RepresentationID$", element.get("id")),
    )
    scale, first = int(template.get("timescale", "1")), int(template.get("startNumber", "1"))
    offset = int(template.get("presentationTimeOffset", "0"))
    segments = [
        (name(template.get("media"), first + index), Fraction(start - offset, scale), Fraction(duration, scale))
        for index, (start, duration) in enumerate(timeline(template))
    ]
    init = template.get("initialization")
    return Representation(dict(element.attrib), parent, name(init) if init else None, segments)


def timeline(template):
    time = 0
    for run in template.iter(f"{DASH}S"):
        time = int(run.get("t", time))
        for _ in range(int(run.get("r", "0")) + 1):
            yield time, int(run.get("d"))
            time += int(run.get("d"))
