"""Tables for the terminal and for RESULTS.md, with what is needed to judge them later."""

import os
import pathlib
import platform
import shlex
import subprocess
import sys
from datetime import date

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "Tests/Benchmarks/RESULTS.md"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {len(os.sched_getaffinity(0))} CPUs"


def commit():
    """The commit that was measured, with a `+` where the sources differ from it."""
    run = lambda *words: subprocess.run(["git", "-C", REPOSITORY, *words], capture_output=True, text=True).stdout.strip()
    changes = run("status", "--porcelain", "--", "Package.swift", "Services", "Shared")
    return run("rev-parse", "--short", "HEAD") + ("+" if changes else "")


def report(title, blocks, notes=()):
    """Prints the tables and appends them to RESULTS.md, unless told --no-record."""
    command = shlex.join(["python3", *[os.path.relpath(sys.argv[0], REPOSITORY)], *sys.argv[1:]])
    facts = f"`{command}`, commit {commit()}, Linux {platform.release()}, {processor()}, load {os.getloadavg()[0]:.1f}"
    text = "\n\n".join([f"## {date.today()} {title}", facts, *blocks, *notes])
    print(text, flush=True)
    if "--no-record" not in sys.argv:
        with open(RESULTS, "a") as file:
            file.write(f"\n{text}\n")
