"""Runs Supabase's client in a Python environment of its own, since it needs newer libraries than the machine's tests."""

import contextlib
import json
import pathlib
import queue
import subprocess
import threading

import python_environment

FOLDER = pathlib.Path(__file__).parent / "supabase"


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
    command = [python_environment.interpreter(FOLDER), FOLDER / "bridge.py", url, token]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        client = SupabaseClient(process)
        client.wait_for("connected")
        yield client
    finally:
        process.kill()
        process.wait()
