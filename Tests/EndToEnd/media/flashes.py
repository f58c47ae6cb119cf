"""Clips in which a white flash and a beep begin at the same known times, and when both begin in what was made of them."""

import array
import subprocess

import odd_inputs

FIRST = 1.0
EVERY = 2.0
LASTS = 0.2
BEEP = 1000
RATE = 48000
FRAME_RATE = 25
# Of full scale and full brightness: what is louder or brighter than this has begun.
LOUD = 0.15
BRIGHT = 128


def times(seconds):
    """When flash and beep begin."""
    count = int((seconds - FIRST - LASTS) // EVERY) + 1
    return [FIRST + EVERY * index for index in range(count)]


def inputs(seconds, size):
    """ffmpeg's two inputs."""
    now = f"gte(t,{FIRST})*lt(mod(t-{FIRST}+{EVERY},{EVERY}),{LASTS})"
    # A time that is a frame's may come out a hair below.
    seen = now.replace("(t", "(t+0.001")
    picture = f"color=black:size={size}:rate={FRAME_RATE}:duration={seconds},drawbox=c=white:t=fill:enable='{seen}'"
    sound = f"aevalsrc='0.8*sin(2*PI*{BEEP}*(t-{FIRST}))*{now}':s={RATE}:d={seconds}"
    return ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound)


def make(path, seconds, *more, size="160x90"):
    odd_inputs.ffmpeg(*inputs(seconds, size), *more, path)
    return path


def flash_times(made, rendition, first=0):
    """Seconds at which flashes begin to be seen, in the segments from `first` on."""
    data = made.joined(rendition, first)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", "pipe:0", "-fps_mode", "passthrough", "-vf", "scale=8:8,format=gray"]
    pictures = run([*command, "-f", "rawvideo", "pipe:1"], data)
    scale, edit = rendition.track.timescale, rendition.track.edit
    samples = [sample for segment in rendition.segments[first:] for sample in segment.samples]
    shown = sorted((sample.decode_time + sample.composition - edit) / scale for sample in samples)
    assert len(pictures) == 64 * len(shown), "a picture is missing"
    bright = [sum(pictures[64 * index:64 * index + 64]) / 64 > BRIGHT for index in range(len(shown))]
    return [time for time, is_bright, before in zip(shown, bright, [True, *bright]) if is_bright and not before]


def beep_times(made, rendition):
    """Seconds at which beeps begin to be heard."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", "pipe:0", "-ac", "1", "-f", "s16le", "pipe:1"]
    sound = array.array("h", run(command, made.joined(rendition)))
    rate, limit = rendition.track.timescale, int(LOUD * 32767)
    # Some readers leave out what the edit list takes away, some do not; the end is the same for all.
    start = sum(sample.duration for sample in rendition.samples) - len(sound) - rendition.track.edit
    begins, loud_at = [], -rate
    for index, value in enumerate(sound):
        if value > limit or value < -limit:
            if index - loud_at > rate * LASTS:
                begins.append((start + index) / rate)
            loud_at = index
    return begins


def run(command, data):
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout
