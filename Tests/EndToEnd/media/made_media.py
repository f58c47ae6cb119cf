"""Everything that was made of one media, read from its folder; what cannot be read becomes a finding."""

import json
import pathlib
import struct
from collections import namedtuple
from urllib.parse import unquote

import mp4_boxes
from playlists import Manifest, Playlist

# What is measured breaks the rule; a warning may be the content's own doing.
Finding = namedtuple("Finding", "rule object measured limit is_warning", defaults=(False,))
UNREADABLE = (mp4_boxes.BrokenFile, ValueError, IndexError, KeyError, TypeError, struct.error, ZeroDivisionError)


class Rendition:
    """One media playlist with its segments as measured."""

    def __init__(self, path, playlist):
        self.path = path
        self.playlist = playlist
        self.track = None
        self.segments = []

    @property
    def folder(self):
        return str(pathlib.PurePosixPath(self.path).parent)

    @property
    def start(self):
        return self.segments[0].start

    @property
    def end(self):
        return self.segments[-1].end

    @property
    def samples(self):
        return [sample for segment in self.segments for sample in segment.samples]


class MadeMedia:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.findings = []
        # Path of what a manifest names -> who names it first.
        self.named = {}
        self.renditions = {}
        self.asset = self.read("asset.json", json.loads) or {}
        self.master = self.read("master.m3u8", Playlist)
        self.manifest = self.read("manifest.mpd", Manifest)
        self.variants, self.iframes, self.media = [], [], []
        if self.master:
            self.read_master()

    def find(self, rule, what, measured, limit, is_warning=False):
        self.findings.append(Finding(rule, what, measured, limit, is_warning))

    # Reading

    def bytes(self, path, named_by=None):
        """The bytes of an object; None and a finding if there is none."""
        if named_by:
            self.named.setdefault(path, named_by)
        file = self.folder / path
        if not file.is_file():
            self.find("named objects exist", path, "absent", f"named by {named_by}" if named_by else "always there")
            return None
        return file.read_bytes()

    def read(self, path, parse, named_by=None):
        data = self.bytes(path, named_by)
        if data is None:
            return None
        try:
            return parse(data.decode() if parse in (json.loads, Manifest, Playlist) else data)
        except (SyntaxError, *UNREADABLE) as error:
            self.find("objects are readable", path, f"{type(error).__name__}: {error}", "as their formats say")
            return None

    def read_master(self):
        """Follows the multivariant playlist to everything that it names."""
        self.variants = [(values, self.rendition(uri)) for values, uri in self.master.variants()]
        self.media = [
            (values, self.subtitles(values) if values.get("TYPE") == "SUBTITLES" else self.rendition(values["URI"]))
            for values in self.master.attribute_lists("EXT-X-MEDIA") if "URI" in values
        ]
        self.iframes = [
            (values, self.iframe_playlist(values.get("URI", "")))
            for values in self.master.attribute_lists("EXT-X-I-FRAME-STREAM-INF")
        ]

    def rendition(self, uri):
        """The rendition of a media playlist, read once; None if it cannot be read."""
        path = unquote(uri)
        if path not in self.renditions:
            playlist = self.read(path, Playlist, "master.m3u8")
            self.renditions[path] = playlist and self.measure(Rendition(path, playlist))
        return self.renditions[path]

    def measure(self, rendition):
        """Reads the initialisation and all segments; None if that fails."""
        path = lambda uri: f"{rendition.folder}/{unquote(uri)}"
        if not rendition.playlist.map:
            self.find("playlists have a MAP", rendition.path, "none", "one")
            return None
        rendition.track = self.read(path(rendition.playlist.map), mp4_boxes.read_track, rendition.path)
        if not rendition.track:
            return None
        for entry in rendition.playlist.entries:
            name = path(entry.uri)
            parse = lambda data, name=name: mp4_boxes.read_segment(name, data, rendition.track)
            rendition.segments.append(self.read(name, parse, rendition.path))
        if not rendition.segments:
            self.find("playlists name segments", rendition.path, 0, "at least 1")
        return rendition if rendition.segments and all(rendition.segments) else None

    def iframe_playlist(self, uri):
        path = unquote(uri)
        playlist = self.read(path, Playlist, "master.m3u8")
        return playlist and Rendition(path, playlist)

    def subtitles(self, values):
        path = unquote(values["URI"])
        playlist = self.read(path, Playlist, "master.m3u8")
        return playlist and Rendition(path, playlist)

    # What there is

    @property
    def video(self):
        """(Attributes, rendition) of the variants with pictures that could be read; best first as listed."""
        return [(values, each) for values, each in self.variants if each and each.track.is_video]

    @property
    def audio(self):
        return [(values, each) for values, each in self.media if values.get("TYPE") == "AUDIO" and each]

    @property
    def sound(self):
        """Every rendition of sound: alternatives, or the variants of a master playlist without pictures."""
        return [each for _, each in self.audio] + [
            each for _, each in self.variants if each and not each.track.is_video
        ]

    @property
    def subtitle_tracks(self):
        return [(values, each) for values, each in self.media if values.get("TYPE") == "SUBTITLES" and each]

    @property
    def prefix(self):
        return self.asset.get("prefix", "")

    def joined(self, rendition, first=0):
        """The rendition's bytes as one file: its initialisation and the segments from `first` on."""
        names = [f"{rendition.folder}/{rendition.playlist.map}", *(segment.name for segment in rendition.segments[first:])]
        return b"".join((self.folder / name).read_bytes() for name in names)

    def stored(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())
