"""What ffprobe, which nobody here wrote, finds in a file."""

import json
import subprocess


def probe(path, *more):
    command = ["ffprobe", "-v", "error", "-of", "json", *more, str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not result.stderr, result.stderr
    return json.loads(result.stdout)


def video_stream(path):
    return probe(path, "-select_streams", "v", "-show_streams", "-count_packets")["streams"][0]


def keyframe_times(path):
    """Seconds of every IDR picture, counted from the first."""
    packets = probe(path, "-select_streams", "v", "-show_packets")["packets"]
    times = sorted(float(packet["pts_time"]) for packet in packets if packet["flags"].startswith("K"))
    return [time - times[0] for time in times]


def decode(url):
    """Decodes everything behind a URL or path; fails on any complaint."""
    result = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "warning", "-xerror", "-i", str(url), "-map", "0:v?", "-map", "0:a?", "-f", "null", "-"],
        capture_output=True, text=True,
    )
    assert result.returncode == 0, result.stderr
    return result.stderr
