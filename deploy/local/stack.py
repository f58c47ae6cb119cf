"""The whole suite on this machine: a private RabbitMQ and the three services, on loopback.

    stack.py up      start it in the background, return when every service is ready, leave var/local.env
    stack.py down    stop it

PORT_OFFSET=100 moves every port, so that several stacks can run side by side. AMQP_URL, when set, is used
instead of a private broker. BUILD=debug takes the debug binaries.
"""

import base64
import ctypes
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BROKER_SCRIPT = REPOSITORY / "deploy/local/rabbitmq.sh"
READY_SECONDS = 90
STOP_SECONDS = 40


class StackError(Exception):
    """Something did not start; the message says what, why, and where to look."""


class AlreadyRunning(StackError):
    """The stack that was to be started is at work; it is left alone."""


class Stack:
    """One broker and three services, with their state below one folder."""

    def __init__(self, state, binaries, offset=0, settings=None):
        self.state = pathlib.Path(state)
        self.binaries = pathlib.Path(binaries)
        self.gateway_port = 4000 + offset
        self.broker_port = 5680 + offset
        self.processes = {}
        self.environment = self._environment() | (settings or {})
        if self.environment["AMQP_URL"] == self.private_broker_url:
            self.environment.setdefault("RABBITMQ_MANAGEMENT_URL", f"http://127.0.0.1:{self.broker_port + 5000}")

    def _environment(self):
        port = self.gateway_port
        return {
            "AMQP_URL": os.environ.get("AMQP_URL", self.private_broker_url),
            "GATEWAY_URL": f"http://127.0.0.1:{port}",
            "PROCESSOR_ADMIN_URL": f"http://127.0.0.1:{port + 1}",
            "DISPATCHER_ADMIN_URL": f"http://127.0.0.1:{port + 2}",
            "JWT_SECRET": os.environ.get("JWT_SECRET") or self._kept_secret("jwt-secret"),
            "API_KEY": os.environ.get("API_KEY") or self._kept_secret("api-key"),
            "WEBHOOK_SECRET": os.environ.get("WEBHOOK_SECRET") or self._kept_secret("webhook-secret", webhook_secret),
            "MEDIA_ROOT": str(self.state / "uploads"),
            "CDN_BASE_URL": os.environ.get("CDN_BASE_URL", f"http://127.0.0.1:{port}/media"),
        }

    @property
    def private_broker_url(self):
        return f"amqp://guest:guest@127.0.0.1:{self.broker_port}/"

    def _kept_secret(self, name, make=lambda: secrets.token_hex(32)):
        """A random secret that stays the same from one start to the next, so that tokens do too."""
        path = self.state / name
        if not path.exists():
            self.state.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(make())
        return path.read_text()

    @property
    def services(self):
        """Name -> settings that are its own."""
        store = {"OBJECT_STORE_URL": f"file://{self.state}/media"}
        return {
            "realtime-gateway": {"HOST": "127.0.0.1", "PORT": str(self.gateway_port)} | store,
            "media-processor": {"ADMIN_PORT": str(self.gateway_port + 1)} | store,
            "notification-dispatcher": {"ADMIN_PORT": str(self.gateway_port + 2)},
        }

    def ready_url(self, service):
        return f"http://127.0.0.1:{self.gateway_port + list(self.services).index(service)}/ready"

    # Starting

    def refuse_if_running(self):
        """Two stacks on the same ports would take each other's place, and their pid files."""
        for name in self.services:
            if self.running_pid(name):
                raise AlreadyRunning(f"{name} is running already: `make down` first, or PORT_OFFSET=100 for a second stack")

    def start_broker(self, watch=None):
        """Starts the private broker; it ends by itself when process `watch` does."""
        if self.environment["AMQP_URL"] != self.private_broker_url:
            return
        command = [BROKER_SCRIPT, "start", self.state / "rabbitmq", str(self.broker_port), "--management"]
        command += ["--watch", str(watch)] if watch else []
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode != 0:
            raise StackError(f"RabbitMQ did not start:\n{result.stdout.strip()}")

    def start_service(self, name, dies_with_parent=False, settings=None):
        """Starts one service; its log goes to log/NAME.log below the state folder."""
        for folder in ("log", "uploads", "media", "run"):
            (self.state / folder).mkdir(parents=True, exist_ok=True)
        environment = os.environ | self.environment | self.services[name] | (settings or {})
        binary = self.binaries / name
        if not binary.exists():
            raise StackError(f"{binary} is missing: build it with `swift build`")
        with open(self.state / f"log/{name}.log", "ab") as log:
            process = subprocess.Popen(
                [binary], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.state,
                start_new_session=not dies_with_parent, preexec_fn=die_with_parent if dies_with_parent else None,
            )
        self.processes[name] = process
        (self.state / f"run/{name}.pid").write_text(str(process.pid))

    def wait_until_ready(self, name):
        """Returns when the service answers ready; raises with the end of its log if it does not."""
        deadline = time.monotonic() + READY_SECONDS
        answer = "no answer"
        while time.monotonic() < deadline:
            process = self.processes.get(name)
            if process and process.poll() is not None:
                answer = f"it ended with exit code {process.returncode}"
                break
            try:
                with urllib.request.urlopen(self.ready_url(name), timeout=2):
                    return
            except urllib.error.HTTPError as error:
                answer = error.read().decode(errors="replace")
            except OSError as error:
                answer = str(error)
            time.sleep(0.05)
        log = self.state / f"log/{name}.log"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
        raise StackError(f"{name} did not become ready: {answer}\n{tail}\n(more in {log})")

    def start(self, foreground=False):
        """Starts everything; in the foreground all of it ends with this process, however that ends."""
        self.refuse_if_running()
        self.start_broker(watch=os.getpid() if foreground else None)
        for name in self.services:
            self.start_service(name, dies_with_parent=foreground)
        for name in self.services:
            self.wait_until_ready(name)

    # Stopping

    def stop_service(self, name, with_signal=signal.SIGTERM):
        """Ends one service and waits until it has gone; kills it if it does not go."""
        path = self.state / f"run/{name}.pid"
        if pid := self.running_pid(name):
            os.kill(pid, with_signal)
            deadline = time.monotonic() + STOP_SECONDS
            while self._is_running(pid, name):
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.02)
        self.processes.pop(name, None)
        path.unlink(missing_ok=True)

    def running_pid(self, name):
        """The process id of a service that runs; None if it does not."""
        path = self.state / f"run/{name}.pid"
        pid = int(path.read_text()) if path.exists() else None
        return pid if pid and self._is_ours(pid, name) else None

    def _is_ours(self, pid, name):
        """Whether `pid` still is the service that the pid file meant, and not a stranger with its number."""
        try:
            return os.path.basename(os.readlink(f"/proc/{pid}/exe")).removesuffix(" (deleted)") == name
        except OSError:
            return False

    def _is_running(self, pid, name):
        process = self.processes.get(name)
        return process.poll() is None if process and process.pid == pid else self._is_ours(pid, name)

    def stop(self):
        for name in reversed(self.services):
            self.stop_service(name)
        if (self.state / "rabbitmq").exists():
            subprocess.run([BROKER_SCRIPT, "stop", self.state / "rabbitmq"], stdout=subprocess.DEVNULL)


def webhook_secret():
    """A signing secret in the spelling of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def die_with_parent():
    """Has the kernel end this child when its parent ends, even by kill -9 (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    # Ctrl-C reaches the whole process group; the parent stops its children in order instead.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def local_stack():
    """The stack that `make run`, `make up` and `make down` mean."""
    offset = int(os.environ.get("PORT_OFFSET", "0"))
    state = REPOSITORY / "var" / (f"offset-{offset}" if offset else "local")
    return Stack(state, REPOSITORY / ".build" / os.environ.get("BUILD", "release"), offset)


def up(stack):
    try:
        stack.start()
    except AlreadyRunning:
        raise
    except BaseException:
        stack.stop()
        raise
    lines = "".join(f"{key}={value}\n" for key, value in stack.environment.items())
    for path in (stack.state / "local.env", REPOSITORY / "var/local.env"):
        path.touch(mode=0o600)
        path.write_text(lines)
    print(f"ready: {stack.environment['GATEWAY_URL']}  (settings in var/local.env, logs in {stack.state}/log)")


def down(stack):
    stack.stop()
    own, latest = stack.state / "local.env", REPOSITORY / "var/local.env"
    if own.exists() and latest.exists() and own.read_text() == latest.read_text():
        latest.unlink()
    own.unlink(missing_ok=True)


if __name__ == "__main__":
    actions = {"up": up, "down": down}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    try:
        actions[sys.argv[1]](local_stack())
    except StackError as error:
        sys.exit(f"stack.py: {error}")
    except ValueError as error:
        sys.exit(f"stack.py: PORT_OFFSET: {error}")
