"""Reads playlists as a player does: fetches everything that they name."""

import re
from urllib.parse import urljoin

import requests


def fetch(url, **headers):
    answer = requests.get(url, headers=headers, timeout=20)
    answer.raise_for_status()
    return answer


def attributes(line):
    """The attribute list of a tag: NAME=value,NAME="quoted"."""
    return {name: value.strip('"') for name, value in re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)', line.split(":", 1)[1])}


class MediaPlaylist:
    def __init__(self, url):
        self.url = url
        self.lines = fetch(url).text.splitlines()
        self.durations = [float(line[8:].split(",")[0]) for line in self.lines if line.startswith("#EXTINF:")]
        self.segments = [urljoin(url, line) for line in self.lines if line and not line.startswith("#")]
        maps = [attributes(line)["URI"] for line in self.lines if line.startswith("#EXT-X-MAP")]
        self.init = urljoin(url, maps[0])

    def download(self, path):
        """The whole rendition as one file."""
        path.write_bytes(b"".join(fetch(url).content for url in [self.init, *self.segments]))
        return path

    def starts(self):
        """Seconds at which each segment starts."""
        return [sum(self.durations[:index]) for index in range(len(self.durations))]


class MasterPlaylist:
    def __init__(self, url):
        self.url = url
        self.lines = fetch(url).text.splitlines()
        self.variants = [
            (attributes(line), urljoin(url, self.lines[index + 1]))
            for index, line in enumerate(self.lines)
            if line.startswith("#EXT-X-STREAM-INF")
        ]
        self.audio = [urljoin(url, attributes(line)["URI"]) for line in self.lines
                      if line.startswith("#EXT-X-MEDIA") and "TYPE=AUDIO" in line]
        self.iframes = [urljoin(url, attributes(line)["URI"]) for line in self.lines
                        if line.startswith("#EXT-X-I-FRAME-STREAM-INF")]
