"""`make bench`: every benchmark, one after the other; the results are appended to RESULTS.md."""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

for name in ("bus.py", "fanout.py", "crowds.py", "socketio.py", "polling.py", "transcode.py", "slots.py"):
    subprocess.run([sys.executable, HERE / name, *sys.argv[1:]], check=True)
