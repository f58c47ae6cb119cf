"""What an operator sees, and what is left when the suite stops."""

import os
import pathlib
import signal
import subprocess

import requests
from conftest import BINARIES, OFFSET, REPOSITORY

ADMIN = ["GATEWAY_URL", "PROCESSOR_ADMIN_URL", "DISPATCHER_ADMIN_URL"]


def test_every_service_answers_health_ready_and_metrics(stack):
    for key in ADMIN:
        base = stack.environment[key]
        assert requests.get(f"{base}/health", timeout=20).status_code == 200
        assert requests.get(f"{base}/ready", timeout=20).status_code == 200
        metrics = requests.get(f"{base}/metrics", timeout=20)
        assert metrics.headers["Content-Type"].startswith("text/plain")
        assert "process_resident_memory_bytes" in metrics.text


def processes_of(folder):
    """The processes that run from, or work in, a folder."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
                working = os.readlink(entry / "cwd")
            except OSError:
                continue
            if str(folder) in command or working.startswith(str(folder)):
                found.append((entry.name, command.replace("\0", " ")))
    return found


def local_command(script, *arguments, offset):
    environment = os.environ | {"PORT_OFFSET": str(offset), "BUILD": BINARIES.name}
    return subprocess.Popen(
        ["/usr/bin/python3", REPOSITORY / "deploy/local" / script, *arguments],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )


def wait_until_nothing_runs_in(folder, seconds=60):
    import time

    deadline = time.monotonic() + seconds
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def test_up_and_down_leave_settings_and_then_nothing():
    offset = OFFSET + 100
    state = REPOSITORY / f"var/offset-{offset}"
    up = local_command("stack.py", "up", offset=offset)
    output, _ = up.communicate(timeout=150)
    try:
        assert up.returncode == 0, output
        settings = dict(line.split("=", 1) for line in (state / "local.env").read_text().splitlines())
        assert set(settings) >= {"AMQP_URL", "JWT_SECRET", "API_KEY", "MEDIA_ROOT", "CDN_BASE_URL", *ADMIN}
        for key in ADMIN:
            assert requests.get(f"{settings[key]}/ready", timeout=20).status_code == 200
    finally:
        local_command("stack.py", "down", offset=offset).communicate(timeout=150)
    wait_until_nothing_runs_in(state)
    assert not (state / "local.env").exists()


def test_run_shows_a_video_through_and_leaves_nothing_behind_even_when_killed():
    offset = OFFSET + 200
    state = REPOSITORY / f"var/offset-{offset}"
    run = local_command("run.py", offset=offset)
    try:
        lines = []
        for line in run.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        text = "".join(lines)
        assert "master.m3u8" in text and "manifest.mpd" in text and "Watch it" in text, text
        page = next(line.split()[-1] for line in lines if "Watch it" in line)
        answer = requests.get(page, headers={"Accept": "text/html"}, timeout=20)
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "<video" in answer.text
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    wait_until_nothing_runs_in(state)
