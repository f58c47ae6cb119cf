"""What a transcode costs, against the ffmpeg command line making the same ladder.

    transcode.py [--rounds N] [--seconds S] [--no-record]

Needs the release build and ffmpeg. The two take turns; the ladder is read from what ours wrote into asset.json.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import results

# The caps of the ladder in bits per second, by short side; the buffer is twice as large.
CAPS = {2160: 18_000_000, 1440: 10_000_000, 1080: 6_000_000, 720: 3_000_000, 480: 1_500_000, 360: 800_000}
FRAME_RATE = 30
SAMPLE_SECONDS = 0.02


def make_clip(path, seconds):
    """1080p30 with sound, with movement and grain all over, so that the encoder has as much to do as with a real scene."""
    picture = f"testsrc2=size=1920x1080:rate={FRAME_RATE}:duration={seconds},noise=alls=8:allf=t"
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture,
         "-f", "lavfi", "-i", f"sine=frequency=330:beep_factor=4:duration={seconds}",
         "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p",
         "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-movflags", "+faststart", path],
        check=True,
    )


def ffmpeg_command(clip, folder, asset):
    """One process, as a careful operator would write it: decode once, split, scale, encode, HLS with fMP4 segments."""
    rungs, settings = asset["video"], asset["settings"]
    segment = settings["segment_seconds"]
    interval = segment / max(1, -(-segment // 2))
    gop = str(round(interval * FRAME_RATE))
    outputs = "".join(f"[s{n}]" for n in range(len(rungs)))
    scales = [
        f"[s{n}]{'null' if rung['height'] == 1080 else 'scale={width}:{height}:flags=bicubic'.format(**rung)}[v{n}]"
        for n, rung in enumerate(rungs)
    ]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip,
               "-filter_complex", ";".join([f"[0:v]split={len(rungs)}{outputs}", *scales])]
    for n, rung in enumerate(rungs):
        cap = CAPS[min(rung["width"], rung["height"])]
        command += ["-map", f"[v{n}]", f"-maxrate:v:{n}", str(cap), f"-bufsize:v:{n}", str(2 * cap)]
    names = [f"v:{n},agroup:sound,name:{rung['name']}" for n, rung in enumerate(rungs)]
    return command + [
        "-map", "0:a", "-c:v", "libx264", "-preset", settings["preset"], "-crf", str(settings["crf"]),
        "-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-flags", "+cgop", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", "128k", "-ac", "2",
        "-f", "hls", "-hls_time", str(segment), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
        "-hls_flags", "independent_segments", "-master_pl_name", "master.m3u8",
        "-var_stream_map", " ".join([*names, "a:0,agroup:sound,name:sound,default:yes"]),
        "-hls_segment_filename", folder / "%v/seg_%05d.m4s", folder / "%v/media.m3u8",
    ]


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


def measured(command):
    """Runs a command; returns CPU seconds of the whole tree and MiB at its fattest moment."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak, ended = 0, threading.Event()

    def watch():
        nonlocal peak
        while not ended.is_set():
            peak = max(peak, resident(process.pid))
            time.sleep(SAMPLE_SECONDS)

    watcher = threading.Thread(target=watch)
    watcher.start()
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    watcher.join()
    if process.returncode != 0:
        sys.exit(f"transcode.py: {command[0]} failed: {message.decode(errors='replace').strip()}")
    return usage.ru_utime + usage.ru_stime, peak / 1024


def spread(values, form):
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


def ratio(ours, theirs):
    return f"{statistics.median(a / b for a, b in zip(ours, theirs)):.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--no-record", action="store_true", help="print only, and leave RESULTS.md as it is")
    options = parser.parse_args()
    binary = results.REPOSITORY / ".build" / os.environ.get("BUILD", "release") / "media-processor"
    if not binary.exists():
        sys.exit(f"transcode.py: {binary} is missing: build it with `swift build -c release --product media-processor`")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
    try:
        clip = folder / "clip.mp4"
        make_clip(clip, options.seconds)
        own = lambda: measured([binary, "transcode", clip, "--output", folder / "own"])
        own()  # Not counted: it brings the files into memory and shows which ladder the defaults make.
        asset = json.loads((folder / "own/asset.json").read_text())
        other = lambda: measured(ffmpeg_command(clip, folder / "other", asset))
        runs = {"media-processor": [], "ffmpeg": []}
        for turn in range(options.rounds):
            for name, run in (("media-processor", own), ("ffmpeg", other))[:: 1 if turn % 2 == 0 else -1]:
                for made in ("own", "other"):
                    shutil.rmtree(folder / made, ignore_errors=True)
                (folder / "other").mkdir()
                runs[name].append(run())
                print(f"round {turn + 1}, {name}: {runs[name][-1][0]:.2f} s, {runs[name][-1][1]:.0f} MiB", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    (cpu, memory), (their_cpu, their_memory) = (list(zip(*runs[name])) for name in ("media-processor", "ffmpeg"))
    rungs = ", ".join(rung["name"] for rung in asset["video"])
    settings = asset["settings"]
    results.report(f"transcode, {options.seconds} s of 1080p30, {options.rounds} rounds", [
        f"Rungs {rungs}; x264 {settings['preset']}, crf {settings['crf']:g}, segments of {settings['segment_seconds']:g} s.",
        results.table(["", "media-processor", "ffmpeg", "ratio"], [
            ["CPU seconds", spread(cpu, "{:.2f}"), spread(their_cpu, "{:.2f}"), ratio(cpu, their_cpu)],
            ["peak memory, MiB", spread(memory, "{:.0f}"), spread(their_memory, "{:.0f}"), ratio(memory, their_memory)],
        ]),
    ])


if __name__ == "__main__":
    main()
