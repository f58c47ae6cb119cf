"""Three RabbitMQ nodes on loopback, joined to one cluster, and everything that may happen to them.

    cluster.py       starts one, prints its addresses, stays until Ctrl-C

Every process is a direct child that the kernel ends with this one (prctl(2), PR_SET_PDEATHSIG), even by kill -9: use it
from the main thread, since to the kernel the parent is the thread that forked.
"""

import base64
import contextlib
import ctypes
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DEFINITIONS = REPOSITORY / "deploy/rabbitmq/definitions.json"
START_SECONDS = 120
CONTROL_SECONDS = 60
MEMORY = "1GB"
# Below the ports that the kernel gives to clients: a node that is away must find its port free when it comes back.
PORTS = range(20_000, 32_000)
LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"


class ClusterError(Exception):
    """The cluster did not do what it was told; the message says what and where to look."""


class Node:
    def __init__(self, cluster, number, port, distribution_port):
        self.cluster = cluster
        self.name = f"martlet-{cluster.tag}-{number}@localhost"
        self.folder = cluster.folder / f"node{number}"
        self.port = port
        self.distribution_port = distribution_port
        self.process = None

    @property
    def url(self):
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    @property
    def environment(self):
        """Everything that RabbitMQ would otherwise take from /etc/rabbitmq, /var and the user's home."""
        return os.environ | {
            "HOME": str(self.cluster.folder),
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{LOOPBACK} +sbwt none +sbwtdcpu none +sbwtdio none",
            "RABBITMQ_CTL_ERL_ARGS": LOOPBACK,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.cluster.mapper_port),
            # The script then becomes the server instead of standing between it and us.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def write_configuration(self):
        for folder in ("mnesia", "log"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        (self.folder / "enabled_plugins").write_text("[].\n")
        members = "".join(
            f"cluster_formation.classic_config.nodes.{place} = {node.name}\n"
            for place, node in enumerate(self.cluster.nodes, 1)
        )
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "loopback_users = none\n"
            f"vm_memory_high_watermark.absolute = {MEMORY}\n"
            "disk_free_limit.absolute = 200MB\n"
            "log.console = false\n"
            "log.file.level = info\n"
            "heartbeat = 10\n"
            "consumer_timeout = 14400000\n"
            "cluster_partition_handling = pause_minority\n"
            "cluster_formation.peer_discovery_backend = classic_config\n" + members
        )

    # Running

    def start(self):
        """Starts it; it takes no connections yet."""
        with open(self.folder / "log/stdout", "ab") as log:
            self.process = subprocess.Popen(
                [self.cluster.scripts / "rabbitmq-server"], env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, preexec_fn=end_with_parent,
            )

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def wait_until_listening(self):
        """Its listener opens last, when it has joined and knows its queues."""
        deadline = time.monotonic() + START_SECONDS
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ClusterError(f"{self.name} did not start; its log is in {self.folder}/log")
            time.sleep(0.1)

    def kill(self):
        """kill -9."""
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def runs(self):
        return self.process is not None and self.process.poll() is None

    # Control

    def start_control(self, *words):
        return subprocess.Popen(
            [self.cluster.scripts / "rabbitmqctl", *words], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=end_with_parent,
        )

    def control(self, *words):
        """rabbitmqctl; raises if it fails."""
        return finish(self.start_control(*words), f"rabbitmqctl {words[0]} on {self.name}")


class Cluster:
    def __init__(self, folder, nodes=3):
        self.folder = pathlib.Path(folder).resolve()
        self.tag = secrets.token_hex(4)
        self.scripts = server_scripts()
        ports = free_ports(2 * nodes + 1)
        self.mapper_port = ports.pop()
        self.mapper = None
        self.nodes = [Node(self, number, ports.pop(), ports.pop()) for number in range(1, nodes + 1)]

    @property
    def urls(self):
        return [node.url for node in self.nodes]

    def start(self):
        """Returns when the nodes have joined and the suite's definitions stand, every queue with a member on each."""
        self.folder.mkdir(parents=True, exist_ok=True)
        cookie = self.folder / ".erlang.cookie"
        cookie.write_bytes(base64.b32encode(secrets.token_bytes(20)))
        cookie.chmod(0o400)
        self._start_mapper()
        for node in self.nodes:
            node.write_configuration()
            node.start()
        for node in self.nodes:
            node.wait_until_listening()
        # The definitions come only now: a queue has its members on the nodes that are there when it is declared.
        definitions = self.folder / "definitions.json"
        shutil.copy(DEFINITIONS, definitions)
        self.nodes[0].control("import_definitions", definitions)
        self._check()

    def _start_mapper(self):
        """The port mapper of these nodes alone; else the first node would start one that outlives it."""
        epmd = shutil.which("epmd")
        if not epmd:
            raise ClusterError("epmd is missing: apt-get install rabbitmq-server")
        self.mapper = subprocess.Popen(
            [epmd, "-port", str(self.mapper_port), "-address", "127.0.0.1"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=end_with_parent,
        )

    def _check(self):
        expression = "[length(maps:get(nodes, amqqueue:get_type_state(Q))) || Q <- rabbit_amqqueue:list()]."
        members = json.loads(self.nodes[0].control("eval", expression))
        if not members or set(members) != {len(self.nodes)}:
            raise ClusterError(f"the nodes did not join: queues have {members} members")

    def stop(self):
        """Ends everything, without politeness: nothing of it is kept."""
        for node in self.nodes:
            node.kill()
        if self.mapper:
            self.mapper.kill()
            self.mapper.wait()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    # Faults

    def restart(self, node):
        """Brings a killed node back."""
        node.start()
        node.wait_until_listening()

    def cut_off(self, node):
        """Parts one node from the others: neither side lets the other in."""
        self._set_cookies(node, lambda other: f"erlang:set_cookie('{other}', nobody), erlang:disconnect_node('{other}').")

    def heal(self, node):
        """Joins it again; a node that had paused as the minority goes on by itself."""
        mend = "erlang:set_cookie('{0}', erlang:get_cookie()), net_adm:ping('{0}')."
        self._set_cookies(node, mend.format)

    def _set_cookies(self, node, expression):
        pairs = [(node, other) for other in self.nodes if other is not node]
        # Both sides at once, or one lets in what the other has just shut out.
        running = [one.start_control("eval", expression(two.name)) for a, b in pairs for one, two in ((a, b), (b, a))]
        for process in running:
            finish(process, f"the partition of {node.name}")

    def block(self, node):
        """A memory alarm: publishers of the whole cluster are stopped."""
        node.control("set_vm_memory_high_watermark", "absolute", "1MB")

    def unblock(self, node):
        node.control("set_vm_memory_high_watermark", "absolute", MEMORY)

    def close_connections(self, node):
        node.control("close_all_connections", "a fault")

    def stop_application(self, node):
        node.control("stop_app")

    def start_application(self, node):
        node.control("start_app")

    def mend(self):
        """Undoes whatever is still broken, and returns when all nodes are there."""
        for node in self.nodes:
            if not node.runs:
                node.start()
        for node in self.nodes:
            with contextlib.suppress(ClusterError):
                self.heal(node)
        for node in self.nodes:
            with contextlib.suppress(ClusterError):
                node.control("start_app")
            node.wait_until_listening()
            self.unblock(node)


def finish(process, what):
    try:
        answer, _ = process.communicate(timeout=CONTROL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise ClusterError(f"{what}: no answer within {CONTROL_SECONDS} s") from None
    if process.returncode != 0:
        raise ClusterError(f"{what} failed: {answer.strip()}")
    # Some warnings come before the answer.
    return answer.strip().splitlines()[-1] if answer.strip() else ""


def server_scripts():
    """Those below lib, not those in /usr/sbin: Debian's wrappers there become the user rabbitmq."""
    found = sorted(pathlib.Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
    if not found:
        raise ClusterError("rabbitmq-server is missing: apt-get install rabbitmq-server")
    return found[-1]


def free_ports(count):
    """Ports that nobody listens on, held together until all are found."""
    found = []
    with contextlib.ExitStack() as held:
        first = PORTS.start + secrets.randbelow(len(PORTS) // 2)
        for port in range(first, PORTS.stop):
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == count:
                return found
    raise ClusterError("no free ports")


def end_with_parent():
    """Has the kernel kill this child when its parent ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    # Ctrl-C reaches the whole process group; the parent ends its children itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def main():
    folder = tempfile.mkdtemp(prefix="martlet-cluster-")
    began = time.monotonic()
    try:
        with Cluster(folder) as cluster:
            print(f"ready after {time.monotonic() - began:.1f} s: " + " ".join(cluster.urls), flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    except ClusterError as error:
        sys.exit(f"cluster.py: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
