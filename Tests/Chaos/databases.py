"""Where the services of a run keep what must last: a file each, or one real PostgreSQL."""

import contextlib
import os
import pathlib
import subprocess

import cluster

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "deploy/local/postgres.sh"


class DatabaseError(Exception):
    """The database did not start; the message says why."""


@contextlib.contextmanager
def running(kind, folder):
    """Gives a function from a service's name to its DATABASE_URL; the server ends with the context, or with us."""
    if kind == "sqlite":
        (folder / "databases").mkdir(parents=True, exist_ok=True)
        yield lambda name: f"sqlite://{folder}/databases/{name}.db"
        return
    # The server runs as a user of its own, who must get through to its folder.
    folder.chmod(0o711)
    command = [SCRIPT, "start", folder / "postgres", str(cluster.free_ports(1)[0]), "--watch", str(os.getpid())]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        raise DatabaseError(f"PostgreSQL did not start:\n{result.stdout}")
    url = result.stdout.strip().splitlines()[-1]
    try:
        yield lambda name: url
    finally:
        subprocess.run([SCRIPT, "stop", folder / "postgres"], stdout=subprocess.DEVNULL)
