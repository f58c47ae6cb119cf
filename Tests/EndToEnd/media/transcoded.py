"""Runs the processor on one file, and asks ffprobe, which nobody here wrote, about what came out."""

import hashlib
import json
import os
import pathlib
import subprocess

BINARIES = pathlib.Path(__file__).resolve().parents[3] / ".build" / os.environ.get("BUILD", "release")
PROCESSOR = os.environ.get("MEDIA_PROCESSOR", str(BINARIES / "media-processor"))
SECONDS = 120
HIGH_DYNAMIC_RANGE = ("smpte2084", "arib-std-b67")


def transcode(source, output, *options, **environment):
    """Exit code and what was said on standard error but progress."""
    command = [PROCESSOR, "transcode", source.name, "--output", output, *options]
    result = subprocess.run(command, cwd=source.parent, capture_output=True, text=True, timeout=SECONDS,
                            env={**os.environ, **environment})
    return result.returncode, result.stderr.strip()


def digests(folder):
    """Path -> SHA-256 of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }


def disagreements(made):
    """What ffprobe says otherwise about a media's renditions than was measured here; a line each."""
    return [line for rendition in made.renditions.values() if rendition for line in compare(made, rendition)]


def compare(made, rendition):
    command = ["ffprobe", "-v", "warning", "-of", "json", "-count_frames", "-show_streams", "-show_packets", "-"]
    result = subprocess.run(command, input=made.joined(rendition), capture_output=True)
    what = rendition.folder
    # A guess at the frame rate that a long picture behind short ones throws off; nothing is wrong with the file.
    said = result.stderr.decode(errors="replace").splitlines()
    complaints = [line for line in said if "DTS discontinuity in stream" not in line]
    if result.returncode or complaints:
        return [f"{what}: ffprobe complains: {complaints[:3]}"]
    found = json.loads(result.stdout)
    if len(found["streams"]) != 1:
        return [f"{what}: {len(found['streams'])} streams"]
    lines = [*stream_lines(found["streams"][0], rendition), *packet_lines(found["packets"], rendition)]
    return [f"{what}: {line}" for line in lines]


def stream_lines(stream, rendition):
    names = {"avc1": "h264", "hvc1": "hevc", "hev1": "hevc", "av01": "av1", "mp4a": "aac"}
    codec = rendition.track.codec
    if stream["codec_name"] != names.get(codec.entry):
        yield f"codec {stream['codec_name']}, measured {codec.entry}"
    if not rendition.track.is_video:
        if (int(stream["sample_rate"]), stream["channels"]) != (codec.sample_rate, codec.channels):
            yield f"{stream['sample_rate']} Hz, {stream['channels']} channels, measured {codec.sample_rate}, {codec.channels}"
        return
    if (stream["width"], stream["height"]) != codec.size:
        yield f"{stream['width']}x{stream['height']}, measured {codec.size}"
    if stream.get("color_transfer") in HIGH_DYNAMIC_RANGE:
        yield f"pictures of high dynamic range: {stream['color_transfer']}"
    if stream.get("sample_aspect_ratio", "1:1") not in ("1:1", "0:1"):
        yield f"pixels of {stream['sample_aspect_ratio']}"
    if stream["nb_read_frames"] != str(len(rendition.samples)):
        yield f"{stream['nb_read_frames']} frames, measured {len(rendition.samples)}"


def packet_lines(packets, rendition):
    """Sizes, decoding times and keyframes of all samples, and where the last one ends."""
    ours = [(sample.size, sample.is_sync) for sample in rendition.samples]
    theirs = [(int(packet["size"]), packet["flags"].startswith("K")) for packet in packets]
    if ours != theirs:
        wrong = next((index for index, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]), min(len(ours), len(theirs)))
        yield f"packet {wrong} of {len(theirs)} differs from the sample measured, of {len(ours)}"
        return
    scale, edit = rendition.track.timescale, rendition.track.edit
    for sample, packet in zip(rendition.samples, packets):
        shown = (sample.decode_time + sample.composition - edit) / scale
        if abs(float(packet["pts_time"]) - shown) > 0.00051:
            yield f"a sample is shown at {packet['pts_time']}, measured {shown:.6f}"
            return


def pixels(made):
    """The pixels in the middle of the four quarters of the smallest rendition's first picture, row by row."""
    _, rendition = made.video[-1]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", "pipe:0", "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo"]
    data = subprocess.run([*command, "pipe:1"], input=made.joined(rendition), capture_output=True, check=True).stdout
    width, height = map(int, rendition.track.size)
    places = [(height * down // 4 * width + width * across // 4) * 3 for down in (1, 3) for across in (1, 3)]
    return [tuple(data[place:place + 3]) for place in places]


def name_colour(pixel):
    """By which of its parts are bright."""
    bright = "".join("rgb"[index] for index in range(3) if pixel[index] > max(pixel) * 0.6 and max(pixel) > 80)
    return {"r": "red", "g": "lime", "b": "blue", "rgb": "white"}.get(bright, f"{pixel}")
