"""Runs Socket.IO's client for Python in an environment of its own, since Debian's is another version."""

import contextlib
import json
import pathlib
import subprocess

import python_environment

FOLDER = pathlib.Path(__file__).parent / "socketio"


class SocketIOClient:
    def __init__(self, process):
        self.process = process

    def do(self, verb, **arguments):
        """What came of it; what failed is raised."""
        self.process.stdin.write(json.dumps({"do": verb, **arguments}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["answer"]


@contextlib.contextmanager
def client(url):
    command = [python_environment.interpreter(FOLDER), FOLDER / "bridge.py", url]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield SocketIOClient(process)
    finally:
        process.kill()
        process.wait()
