"""What a second slot on a second core gets done: uploads through the running media processor, or parts of one.

    slots.py [--rounds N] [--uploads N] [--seconds S] [--no-record]
    slots.py --uploads 1 --seconds 64

Needs the release build, ffmpeg, python3-pika and RabbitMQ; starts and stops all it needs. PORT_OFFSET moves the ports.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time
import uuid

import fanout
import results
import transcode

sys.path.insert(0, str(results.REPOSITORY / "Tests/EndToEnd"))
import bus  # noqa: E402

NAME = "media-processor"
# Slots, cores.
SETUPS = [(1, 1), (2, 2), (1, 2)]
SECONDS_FOR_ALL = 1200


@contextlib.contextmanager
def running_processor(stack, slots, cores):
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(mine)[:cores])
    try:
        stack.start_service(NAME, dies_with_parent=True, settings={"MEDIA_SLOTS": str(slots)})
    finally:
        os.sched_setaffinity(0, mine)
    stack.wait_until_ready(NAME)
    try:
        yield
    finally:
        stack.stop_service(NAME)


def measure(stack, clip, uploads):
    """Seconds from the first upload's announcement until the last one is ready."""
    with bus.Backend(stack.environment["AMQP_URL"]) as backend:
        began = time.monotonic()
        waiting = {backend.upload(clip, user_id=str(uuid.uuid4())) for _ in range(uploads)}
        while waiting:
            kind, payload = backend.wait_for("media.ready", "media.failed", seconds=SECONDS_FOR_ALL)
            if kind == "media.failed":
                sys.exit(f"slots.py: an upload failed: {payload['message']}")
            waiting.discard(payload["media_id"])
        return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--uploads", type=int, default=6, help="at once, each of another user")
    parser.add_argument("--seconds", type=int, default=10, help="of 1080p30 in each upload")
    parser.add_argument("--no-record", action="store_true", help="print only, and leave RESULTS.md as it is")
    options = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("slots.py: this needs two cores")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
    binaries = results.REPOSITORY / ".build" / os.environ.get("BUILD", "release")
    stack = fanout.local.Stack(folder, binaries, int(os.environ.get("PORT_OFFSET", "0")) + 900)
    try:
        stack.start_broker(watch=os.getpid())
        report(options, run_all(options, stack))
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run_all(options, stack):
    clip = pathlib.Path(stack.environment["MEDIA_ROOT"]) / "clip.mp4"
    clip.parent.mkdir(parents=True, exist_ok=True)
    transcode.make_clip(clip, options.seconds)
    times = {setup: [] for setup in SETUPS}
    for turn in range(options.rounds):
        for setup in SETUPS[:: 1 if turn % 2 == 0 else -1]:
            with running_processor(stack, *setup):
                times[setup].append(measure(stack, clip, options.uploads))
            print(f"round {turn + 1}, slots {setup[0]}, cores {setup[1]}: {times[setup][-1]:.1f} s", flush=True)
    return times


def report(options, times):
    base = times[SETUPS[0]]
    uploads = "one upload" if options.uploads == 1 else f"{options.uploads} uploads"
    rows = [
        [slots, cores, fanout.spread(made, "{:.1f}"), f"{statistics.median(b / m for b, m in zip(base, made)):.2f}"]
        for (slots, cores), made in times.items()
    ]
    results.report(
        f"slots, {uploads} of {options.seconds} s of 1080p30, rounds: {options.rounds}",
        [results.table(["slots", "cores", "seconds until all are ready", "times as fast as one slot on one core"], rows)],
    )


if __name__ == "__main__":
    main()
