"""Runs Socket.IO's client for Python in an environment of its own, since Debian's is another version."""

import contextlib
import json
import pathlib
import subprocess
import sys

import conftest

FOLDER = pathlib.Path(__file__).parent / "socketio"
ENVIRONMENT = conftest.REPOSITORY / ".build/socketio-client"


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
    process = subprocess.Popen(
        [python(), FOLDER / "bridge.py", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield SocketIOClient(process)
    finally:
        process.kill()
        process.wait()
