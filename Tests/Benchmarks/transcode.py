"""What a transcode costs, how soon it plays and how it looks, against the ffmpeg command line making the same ladder.

Ours and another run at the same time, since the speed of a rented processor changes by a sixth within minutes: of two that are
slowed down alike, the ratio stays. How soon something plays is measured without company.

    transcode.py [--rounds N] [--seconds S] [--long MINUTES] [--no-record]

Needs the release build and ffmpeg; BUILD=debug measures the other. The ladder is read from what ours wrote into asset.json.
For a look at whether all works: --rounds 1 --seconds 6 --long 1 --no-record.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import results

FRAME_RATE = 30
SAMPLE_SECONDS = 0.01
OURS = "media-processor"
FITTING = "media-processor, source rung fits"
PLAIN = ("--per-title", "off")
NOISE = "noise=alls=8:allf=t"


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *words], check=True)


def make_clip(path, seconds):
    """1080p30 with sound as phones record it, 20 Mbit/s and a keyframe each second, with movement and grain all over, so that the
    encoder has as much to do as with a real scene."""
    picture = f"testsrc2=size=1920x1080:rate={FRAME_RATE}:duration={seconds},{NOISE}"
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=frequency=330:beep_factor=4:duration={seconds}",
           "-c:v", "libx264", "-preset", "veryfast", "-b:v", "20M", "-maxrate", "24M", "-bufsize", "40M",
           "-g", str(FRAME_RATE), "-pix_fmt", "yuv420p",
           "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-movflags", "+faststart", path)


def make_fitting_clip(path, clip):
    """The same as somebody uploads it who knows the ladder: under the highest rung's cap, a closed group every two seconds."""
    ffmpeg("-i", clip, "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-maxrate", "5M", "-bufsize", "5M",
           "-g", str(2 * FRAME_RATE), "-keyint_min", str(2 * FRAME_RATE), "-sc_threshold", "0", "-flags", "+cgop",
           "-c:a", "copy", "-movflags", "+faststart", path)


def make_long_clip(path, clip, seconds, minutes):
    ffmpeg("-stream_loop", str(max(0, minutes * 60 // seconds - 1)), "-i", clip, "-c", "copy", "-movflags", "+faststart", path)


# The other side.

def encoder(asset, threads):
    settings = asset["settings"]
    segment = settings["segment_seconds"]
    gop = str(round(segment / max(1, -(-segment // 2)) * FRAME_RATE))
    return ["-c:v", "libx264", "-preset", settings["preset"], "-crf", str(settings["crf"]), *threads,
            "-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-flags", "+cgop", "-pix_fmt", "yuv420p"]


def packaging(asset, folder, streams):
    return ["-f", "hls", "-hls_time", str(asset["settings"]["segment_seconds"]), "-hls_playlist_type", "vod",
            "-hls_segment_type", "fmp4", "-hls_flags", "independent_segments", "-master_pl_name", "master.m3u8",
            "-var_stream_map", streams, "-hls_segment_filename", folder / "%v/seg_%05d.m4s", folder / "%v/media.m3u8"]


SOUND = ["-c:a", "aac", "-b:a", "128k", "-ac", "2"]


def scale(rung):
    return "null" if rung["height"] == 1080 else "scale={width}:{height}:flags=bicubic".format(**rung)


def together(clip, folder, asset, threads=()):
    """One process, as a careful operator would write it: decode once, split, scale, encode, HLS with fMP4 segments."""
    rungs = asset["rungs"]
    outputs = "".join(f"[s{n}]" for n in range(len(rungs)))
    scales = [f"[s{n}]{scale(rung)}[v{n}]" for n, rung in enumerate(rungs)]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip,
               "-filter_complex", ";".join([f"[0:v]split={len(rungs)}{outputs}", *scales])]
    for n, rung in enumerate(rungs):
        command += ["-map", f"[v{n}]", f"-maxrate:v:{n}", str(rung["max_bitrate"]),
                    f"-bufsize:v:{n}", str(rung["buffer_size"])]
    names = [f"v:{n},agroup:sound,name:{rung['name']}" for n, rung in enumerate(rungs)]
    streams = " ".join([*names, "a:0,agroup:sound,name:sound,default:yes"])
    return [command + ["-map", "0:a", *encoder(asset, threads), *SOUND, *packaging(asset, folder, streams)]]


def apart(clip, folder, asset):
    """One process for each rung, and one for the sound."""
    commands = []
    for rung in asset["rungs"]:
        commands.append(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip, "-map", "0:v", "-vf", scale(rung),
                         *encoder(asset, ()), "-maxrate", str(rung["max_bitrate"]), "-bufsize", str(rung["buffer_size"]),
                         *packaging(asset, folder, f"v:0,name:{rung['name']}")])
    sound = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip, "-map", "0:a", *SOUND]
    return commands + [sound + packaging(asset, folder, "a:0,name:sound")]


# Measuring.

def resident(pid):
    """KiB of a process and all its descendants together."""
    total = 0
    try:
        with open(f"/proc/{pid}/status") as file:
            total = next((int(line.split()[1]) for line in file if line.startswith("VmRSS:")), 0)
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                total += sum(resident(int(child)) for child in file.read().split())
    except (FileNotFoundError, ProcessLookupError):
        pass  # It ended while we looked.
    return total


def is_playable(folder):
    """Whether a player could start: the master names a rendition whose playlist names a segment, and all of them are there."""
    try:
        master = (folder / "master.m3u8").read_text()
        for name in (line for line in master.splitlines() if line and not line.startswith("#")):
            playlist = (folder / name).read_text()
            parts = re.findall(r'URI="([^"]+)"', playlist) + [line for line in playlist.splitlines() if line[:1] not in ("", "#")]
            here = (folder / name).parent
            if len(parts) >= 2 and all((here / part).exists() for part in parts[:2]):
                return True
    except FileNotFoundError:
        pass
    return False


class Run:
    """One command, watched: CPU seconds of the whole tree, MiB at its fattest moment, seconds until it could be played."""

    def __init__(self, command, output=None, stop_when_playable=False):
        self.start, self.playable, self.peak = time.monotonic(), None, 0
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        ended = threading.Event()

        def watch():
            while not ended.is_set():
                self.peak = max(self.peak, resident(process.pid) / 1024)
                self.look(output)
                if stop_when_playable and self.playable:
                    process.send_signal(signal.SIGKILL)
                    return
                time.sleep(SAMPLE_SECONDS)

        watcher = threading.Thread(target=watch)
        watcher.start()
        message = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        ended.set()
        watcher.join()
        self.look(output)
        self.cpu = usage.ru_utime + usage.ru_stime
        self.wall = time.monotonic() - self.start
        if process.returncode != 0 and not (stop_when_playable and self.playable):
            sys.exit(f"transcode.py: {command[0]} failed: {message.decode(errors='replace').strip()}")

    def look(self, output):
        if output and not self.playable and is_playable(output):
            self.playable = time.monotonic() - self.start


def one_after_another(commands):
    """The costs of several commands added up; the memory of the fattest."""
    runs = [Run(command) for command in commands]
    first = runs[0]
    first.cpu, first.peak = sum(run.cpu for run in runs), max(run.peak for run in runs)
    return first


def similarity(track, clip, rung):
    """The structural similarity of a rung's luma to the source in its size."""
    text = f"[1:v]scale={rung['width']}:{rung['height']}:flags=bicubic[source];[0:v][source]ssim"
    done = subprocess.run(["ffmpeg", "-nostdin", "-i", track, "-i", clip, "-lavfi", text, "-f", "null", "-"],
                          capture_output=True, text=True, check=True)
    return float(re.search(r"SSIM Y:([0-9.]+)", done.stderr).group(1))


def looks(folder, clip, rung, header):
    """Kbit/s and similarity of one rung as it was made."""
    segments = sorted(folder.glob("seg_*.m4s"))
    track = folder / "track.mp4"
    with open(track, "wb") as file:
        for part in [folder / header, *segments]:
            file.write(part.read_bytes())
    seconds = float(subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", clip],
                                   capture_output=True, text=True, check=True).stdout)
    return sum(part.stat().st_size for part in segments) * 8 / seconds / 1000, similarity(track, clip, rung)


def comparison(folder, clip, asset):
    rows = []
    for rung in asset["rungs"]:
        rate, ours = looks(folder / "ours/video" / rung["name"], clip, rung, "init.mp4")
        made = folder / "theirs" / rung["name"]
        their_rate, theirs = looks(made, clip, rung, next(made.glob("init*.mp4")).name)
        rows.append([rung["name"], f"{rate:.0f}", f"{their_rate:.0f}", f"{ours:.4f}", f"{theirs:.4f}", f"{ours - theirs:+.4f}"])
    return results.table(["rung", "kbit/s", "ffmpeg", "SSIM", "ffmpeg", "difference"], rows)


def spread(values, form):
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


class Pair:
    """Ours and another at the same time, once in each round; each has a folder of that name to itself."""

    def __init__(self, ours, make_ours, theirs, make_theirs):
        self.names, self.makers, self.rounds = (ours, theirs), (make_ours, make_theirs), []

    def run(self, folder):
        def make(name, maker):
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).mkdir()
            return maker(folder / name)

        with ThreadPoolExecutor(2) as both:
            self.rounds.append(tuple(both.map(make, ("ours", "theirs"), self.makers)))

    def row(self):
        """What both need, and the median of the ratios of each round: what ours needs of what the other does."""
        cells = []
        for cost, form in (("cpu", "{:.2f}"), ("peak", "{:.0f}")):
            ours, theirs = ([getattr(run, cost) for run in runs] for runs in zip(*self.rounds))
            ratio = statistics.median(a / b for a, b in zip(ours, theirs))
            cells += [spread(ours, form), spread(theirs, form), f"{ratio:.2f}"]
        return [*self.names, *cells]


def costs(pairs):
    header = ["ours", "beside", "CPU seconds", "of that", "ratio", "peak memory, MiB", "of that", "ratio"]
    return results.table(header, [pair.row() for pair in pairs])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--long", type=int, default=30, metavar="MINUTES", help="of the source that shows how soon a long one plays; 0: none")
    parser.add_argument("--no-record", action="store_true", help="print only, and leave RESULTS.md as it is")
    options = parser.parse_args()
    binary = results.REPOSITORY / ".build" / os.environ.get("BUILD", "release") / "media-processor"
    if not binary.exists():
        sys.exit(f"transcode.py: {binary} is missing: build it with `swift build -c release --product media-processor`")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
    try:
        measure(options, binary, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(options, binary, folder):
    clip, fitting, long = (folder / name for name in ("clip.mp4", "fitting.mp4", "long.mp4"))
    make_clip(clip, options.seconds)
    make_fitting_clip(fitting, clip)
    # The ladder as it stands: the others cannot look at the content first.
    command = lambda source, output, words=PLAIN: [binary, "transcode", source, "--output", output, *words]
    # Not counted: it brings the files into memory and shows which ladder the defaults make.
    Run(command(clip, folder / "first"))
    asset = json.loads((folder / "first/asset.json").read_text())
    plain = lambda at: Run(command(clip, at))
    as_one = lambda *threads: lambda at: one_after_another(together(clip, at, asset, threads))
    pairs = [
        Pair(OURS, plain, "ffmpeg, a process for each rung", lambda at: one_after_another(apart(clip, at, asset))),
        Pair(OURS, plain, "ffmpeg -threads 1", as_one("-threads:v", "1")),
        Pair(FITTING, lambda at: Run(command(fitting, at)), "ffmpeg, nothing copied", as_one()),
        # The last one: what it leaves is compared.
        Pair(OURS, plain, "ffmpeg", as_one()),
    ]
    for turn in range(options.rounds):
        for pair in pairs:
            pair.run(folder)
            print(f"round {turn + 1}: " + ", ".join(pair.row()), flush=True)
    sources = {OURS: clip, FITTING: fitting}
    if options.long:
        make_long_clip(long, clip, options.seconds, options.long)
        sources[f"{OURS}, {options.long} minutes of source"] = long
    early = soonest(options, command, {f"{name}, {how}": (source, words) for name, source in sources.items()
                                       for how, words in (("ladder as it stands", PLAIN), ("fitted to the content", ()))}, folder)
    report(options, asset, pairs, comparison(folder, clip, asset), early)


def soonest(options, command, sources, folder):
    """Seconds until something can be played."""
    rows = []
    for name, (source, words) in sources.items():
        times = []
        for _ in range(options.rounds):
            shutil.rmtree(folder / "early", ignore_errors=True)
            (folder / "early").mkdir()
            times.append(Run(command(source, folder / "early", words), folder / "early", stop_when_playable=True).playable)
        rows.append([name, spread(times, "{:.2f}")])
    return results.table(["", "seconds to the first playable segment"], rows)


def report(options, asset, pairs, likeness, early):
    rungs = ", ".join(rung["name"] for rung in asset["rungs"])
    settings = asset["settings"]
    facts = (f"Rungs {rungs}; x264 {settings['preset']}, crf {settings['crf']:g}, segments of {settings['segment_seconds']:g} s, "
             "the ladder not fitted to the content.")
    results.report(f"transcode, {options.seconds} s of 1080p30, {options.rounds} rounds",
                   [facts, costs(pairs), likeness, early])


if __name__ == "__main__":
    main()
