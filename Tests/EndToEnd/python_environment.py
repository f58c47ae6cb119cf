"""Python environments for clients that need other libraries than the machine's tests."""

import subprocess
import sys

import conftest


def interpreter(folder):
    """The interpreter with what `requirements.txt` of a folder names; its environment is made where it is missing or others are
    wanted in it."""
    environment = conftest.REPOSITORY / f".build/{folder.name}-client"
    wanted = (folder / "requirements.txt").read_text()
    mark = environment / "requirements.txt"
    if not mark.exists() or mark.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        command = [environment / "bin/pip", "install", "--quiet", "-r", folder / "requirements.txt"]
        subprocess.run(command, check=True, timeout=600)
        mark.write_text(wanted)
    return environment / "bin/python"
