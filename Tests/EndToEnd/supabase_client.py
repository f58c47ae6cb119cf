"""Runs Supabase's client in a Python environment of its own, since it needs newer libraries than the machine's tests."""

import contextlib
import json
import pathlib
import queue
import subprocess
import sys
import threading

import conftest

FOLDER = pathlib.Path(__file__).parent / "supabase"
ENVIRONMENT = conftest.REPOSITORY / ".build/supabase-client"


def python():
    """The environment's interpreter; the environment is made where it is missing or others are wanted in it."""
    wanted = (FOLDER / "requirements.txt").read_text()
    mark = ENVIRONMENT / "requirements.txt"
    if not mark.exists() or mark.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        subprocess.run(
            [ENVIRONMENT / "bin/pip", "install", "--quiet", "-r", FOLDER / "requirements.txt"], check=True, timeout=600
        )
        mark.write_text(wanted)
    return ENVIRONMENT / "bin/python"


class SupabaseClient:
    def __init__(self, process):
        self.process = process
        self.happenings = queue.Queue()
        self.kept = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.happenings.put(json.loads(line))
        self.happenings.put({"happening": "end"})

    def do(self, verb, **arguments):
        self.process.stdin.write(json.dumps({"do": verb, **arguments}) + "\n")
        self.process.stdin.flush()

    def wait_for(self, happening, seconds=60, **facts):
        """What has happened, kept or new, with these facts; anything else is kept."""
        def matches(found):
            return found["happening"] == happening and all(found.get(key) == value for key, value in facts.items())

        for found in self.kept:
            if matches(found):
                self.kept.remove(found)
                return found
        while True:
            found = self.happenings.get(timeout=seconds)
            if matches(found):
                return found
            assert found["happening"] != "end", "the client has ended"
            self.kept.append(found)


@contextlib.contextmanager
def connect(url, token):
    """Connects to `url`, the path before `/websocket`."""
    process = subprocess.Popen(
        [python(), FOLDER / "bridge.py", url, token], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        client = SupabaseClient(process)
        client.wait_for("connected")
        yield client
    finally:
        process.kill()
        process.wait()
