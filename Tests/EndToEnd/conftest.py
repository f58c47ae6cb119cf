"""The real binaries on a real RabbitMQ, started once for all tests in this folder, on ports of their own."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(pathlib.Path(__file__).parent), str(REPOSITORY / "deploy/local")]
os.environ.pop("AMQP_URL", None)

import bus  # noqa: E402
import clips  # noqa: E402
import openapi  # noqa: E402
from stack import Stack  # noqa: E402

BINARIES = REPOSITORY / ".build" / os.environ.get("BUILD", "release")
SERVED = ("GATEWAY_URL", "PROCESSOR_ADMIN_URL", "DISPATCHER_ADMIN_URL")
OFFSET = int(os.environ.get("PORT_OFFSET", "3000"))


@pytest.fixture(scope="session")
def stack():
    state = REPOSITORY / "var/end-to-end"
    Stack(state, BINARIES, OFFSET).stop()
    shutil.rmtree(state, ignore_errors=True)
    # Webhooks of these tests go to loopback, which is refused outside of tests.
    stack = Stack(state, BINARIES, OFFSET, {"WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_SECRET": bus.WEBHOOK_SECRET})
    try:
        stack.start(foreground=True)
        with openapi.held(value for name, value in stack.environment.items() if name in SERVED):
            yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def restarted(stack):
    """Runs a service with other settings for a while: `with restarted(name, LOG_LEVEL="debug"): ...`."""

    def start(name, settings=None):
        stack.stop_service(name)
        stack.start_service(name, dies_with_parent=True, settings=settings)
        stack.wait_until_ready(name)

    @contextlib.contextmanager
    def restarted(name, **settings):
        start(name, settings)
        try:
            yield
        finally:
            start(name)

    return restarted


@pytest.fixture(scope="session")
def postgres_url():
    """The database of a PostgreSQL of its own."""
    script = REPOSITORY / "deploy/local/postgres.sh"
    with tempfile.TemporaryDirectory(prefix="martlet-postgres-") as name, socket.socket() as probe:
        folder = pathlib.Path(name)
        # The server runs as a user of its own, who must get through to its folder.
        folder.chmod(0o711)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [script, "start", folder / "data", str(port), "--watch", str(os.getpid())]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert result.returncode == 0, result.stdout
        try:
            yield result.stdout.strip().splitlines()[-1]
        finally:
            subprocess.run([script, "stop", folder / "data"], stdout=subprocess.DEVNULL)


@pytest.fixture
def backend(stack):
    with bus.Backend(stack.environment["AMQP_URL"]) as backend:
        yield backend


@pytest.fixture(scope="session")
def uploads(stack):
    """The folder of uploads, with the clips that several tests use."""
    return clips.Clips(pathlib.Path(stack.environment["MEDIA_ROOT"]))


@pytest.fixture(scope="session")
def token(stack):
    """Mints tokens with `martlet token`, as an operator would: token("alice", "--ttl", "5s")."""
    import operator_cli

    return lambda user, *more: operator_cli.run(stack, "token", "--sub", user, *more).stdout.strip()


@pytest.fixture
def receiver():
    from webhook_receiver import Receiver

    receiver = Receiver()
    yield receiver
    receiver.close()
