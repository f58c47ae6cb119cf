"""The rules for what lies beside the renditions: pictures, the storyboard, the description, and nothing else."""

import re
import struct
import subprocess
from fractions import Fraction

KNOWN = re.compile(r"master\.m3u8|manifest\.mpd|asset\.json|(r-[^/]+/)?SHA256SUMS")
PICTURES = re.compile(r"poster\.jpg|thumb_\d+\.jpg|storyboard_\d+\.jpg|storyboard\.vtt")
CUE = re.compile(r"(\d+):(\d\d):(\d\d\.\d{3}) --> (\d+):(\d\d):(\d\d\.\d{3})\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)\n?")
# ISO 8601, as every library writes a date.
UPLOADED = re.compile(rb'"uploaded_at" : "[^"]*"')
DATE = re.compile(rb"\b(?:19|20)\d\d-[01]\d-[0-3]\d[T ][0-2]\d:")


def check(made):
    sizes = check_pictures(made)
    check_storyboard(made, sizes)
    check_asset(made)
    check_stored(made)


def check_pictures(made):
    """Pixels of every JPEG; what its header says and what a decoder finds."""
    sizes = {}
    names = [name for name in made.stored() if name.endswith(".jpg") and is_picture(made, name)]
    for name in names:
        data = (made.folder / name).read_bytes()
        try:
            sizes[name] = jpeg_size(data)
        except (IndexError, struct.error):
            made.find("pictures can be decoded", name, data[:8], "a JPEG")
        if b"Exif" in data[:200]:
            made.find("no absolute time", name, "Exif", "none")
    if names and not decodes(made.folder / name for name in names):
        wrong = [name for name in names if not decodes([made.folder / name])]
        made.find("pictures can be decoded", wrong, "complaints", "none")
    # Of sound alone it shows the waveform.
    if f"{made.prefix}poster.jpg" not in sizes:
        made.find("there is a poster", f"{made.prefix}poster.jpg", "absent", "there")
    check_shapes(made, sizes)
    return sizes


def is_picture(made, name):
    """Whether it is one of those that lie beside the renditions; a media made anew has them in another folder."""
    return name.startswith(made.prefix) and PICTURES.fullmatch(name.removeprefix(made.prefix)) is not None


def jpeg_size(data):
    """From the frame header (ITU-T T.81 B.2.2)."""
    if data[:2] != b"\xff\xd8":
        raise IndexError("no JPEG")
    place = 2
    while True:
        marker, length = struct.unpack_from(">HH", data, place)
        if 0xFFC0 <= marker <= 0xFFC2:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        if marker >> 8 != 0xFF or marker == 0xFFDA:
            raise IndexError("no frame header")
        place += 2 + length


def decodes(paths):
    """Whether they are whole, and ffmpeg decodes all of them without a word."""
    pictures = [path.read_bytes() for path in paths]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-err_detect", "explode", "-f", "image2pipe", "-c:v", "mjpeg"]
    result = subprocess.run([*command, "-i", "pipe:0", "-f", "null", "-"], input=b"".join(pictures), capture_output=True)
    return result.returncode == 0 and not result.stderr and all(data.endswith(b"\xff\xd9") for data in pictures)


def check_shapes(made, sizes):
    """Poster and thumbnails have the shape of the best rung, and are all of one size."""
    stills = {name: size for name, size in sizes.items() if "storyboard_" not in name}
    if len(set(stills.values())) > 1:
        made.find("thumbnails are of one size", "thumbnails", sorted(set(stills.values())), "one")
    if not made.video or not stills:
        return
    width, height = made.video[0][1].track.size
    for name, size in stills.items():
        # Evenness costs up to two pixels of either side.
        if abs(size[0] * height - size[1] * width) > 2 * max(width, height) + 2 * max(size):
            made.find("thumbnails have the pictures' shape", name, size, (width, height))


def check_storyboard(made, sizes):
    path = f"{made.prefix}storyboard.vtt"
    if not (made.folder / path).is_file():
        if made.video and made.asset.get("has_storyboard", True):
            made.find("pictures have a storyboard", path, "absent", "there")
        return
    text = (made.folder / path).read_text()
    head, *cues = text.split("\n\n")
    if head.strip() != "WEBVTT" or not cues:
        made.find("the storyboard is WebVTT", path, head[:20], "WEBVTT and cues")
    previous = Fraction(0)
    for cue in cues:
        match = CUE.fullmatch(cue.rstrip("\n") + "\n")
        if not match:
            made.find("the storyboard is WebVTT", path, cue, "a cue with a place on a sheet")
            return
        start, end = seconds(match.group(1, 2, 3)), seconds(match.group(4, 5, 6))
        if start != previous or end < start:
            made.find("storyboard cues follow each other", path, float(start), float(previous))
        previous = end
        check_tile(made, path, sizes, match[7], tuple(map(int, match.group(8, 9, 10, 11))))
    end = max((each.end for each in made.renditions.values() if each), default=previous)
    if abs(previous - end) > Fraction(1, 100):
        made.find("the storyboard lasts as long as the media", path, float(previous), float(end))


def seconds(parts):
    return int(parts[0]) * 3600 + int(parts[1]) * 60 + Fraction(parts[2])


def check_tile(made, path, sizes, sheet, place):
    name = f"{made.prefix}{sheet}"
    made.named.setdefault(name, path)
    if name not in sizes:
        made.find("named objects exist", name, "absent", f"named by {path}")
        return
    x, y, width, height = place
    if x + width > sizes[name][0] or y + height > sizes[name][1] or not width or not height:
        made.find("sprites lie within their sheet", name, place, sizes[name])


def check_asset(made):
    asset = made.asset
    thumbnails = [name for name in made.stored() if is_picture(made, name) and "thumb_" in name]
    if asset.get("thumbnails") != len(thumbnails):
        made.find("asset.json counts the thumbnails", "asset.json", len(thumbnails), asset.get("thumbnails"))
    described = {(each.get("name"), each.get("playlist"), each.get("segments")) for each in asset.get("video", [])}
    made_of = {(each.folder.rpartition("/")[2], each.path, len(each.segments)) for _, each in made.video}
    if described != made_of:
        made.find("asset.json describes the rungs", "asset.json", sorted(made_of), sorted(map(str, described)))
    described = {(each.get("playlist"), each.get("bytes")) for each in asset.get("audio", [])}
    made_of = {(each.path, sum(len(segment.data) for segment in each.segments)) for each in made.sound}
    if described != made_of:
        made.find("asset.json describes the sound", "asset.json", sorted(made_of), sorted(map(str, described)))
    end = max((each.end for each in made.renditions.values() if each), default=Fraction(0))
    if abs(Fraction(asset.get("duration", -1)) - end) > Fraction(1, 1000):
        made.find("asset.json tells the duration", "asset.json", float(end), asset.get("duration"))


def check_stored(made):
    """Nothing is stored that nobody names, and nothing tells when it was made."""
    for name in made.stored():
        known = KNOWN.fullmatch(name) or is_picture(made, name) and "storyboard_" not in name
        if name not in made.named and not known:
            made.find("what is stored is named", name, "named by nobody", "named")
        if name.endswith((".m3u8", ".mpd", ".json", ".vtt")):
            # When the upload was announced is told by whoever announced it.
            match = DATE.search(UPLOADED.sub(b"", (made.folder / name).read_bytes()))
            if match:
                made.find("no absolute time", name, match[0], "none")
