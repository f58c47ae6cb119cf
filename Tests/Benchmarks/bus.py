"""What the suite's RabbitMQ client costs, against the same work in C on rabbitmq-c.

    bus.py [--rounds N] [--messages N] [--no-record]

Needs the release build of bus-bench, a C compiler with rabbitmq-c and RabbitMQ. 1 KiB to a quorum queue of one private
broker: confirmed publishes with 256 unconfirmed at most, then deliveries with a prefetch of 200, each acknowledged. Ours
and C take turns. Then each event is consumed, noted in inbox and outbox (SQLite, synchronous=FULL), acknowledged, and what it
causes is published with a confirmation. Last, the broker closes all connections while ours publishes.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import pika

import results

SCRIPT = results.REPOSITORY / "deploy/local/rabbitmq.sh"
BINARY = results.REPOSITORY / ".build" / os.environ.get("BUILD", "release") / "bus-bench"
HERE = pathlib.Path(__file__).resolve().parent
QUEUE, TARGET, SIZE, WINDOW, PREFETCH = "bench", "bench.out", 1024, 256, 200
CALLERS = 256
RUN_SECONDS = 300
GAP_SECONDS = 12


class Broker:
    """A private broker with one quorum queue."""

    def __init__(self, folder):
        self.folder = folder / "rabbitmq"
        self.port = free_port()

    def start(self):
        command = [SCRIPT, "start", self.folder, str(self.port), "--watch", str(os.getpid())]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode != 0:
            sys.exit(f"bus.py: RabbitMQ did not start:\n{result.stdout}")

    def stop(self):
        subprocess.run([SCRIPT, "stop", self.folder], stdout=subprocess.DEVNULL)

    @property
    def url(self):
        return f"amqp://guest:guest@127.0.0.1:{self.port}"

    def renew_queues(self):
        """Empty queues, as for every other run."""
        with contextlib.closing(pika.BlockingConnection(pika.URLParameters(self.url))) as connection:
            channel = connection.channel()
            for queue in (QUEUE, TARGET):
                channel.queue_delete(queue)
                channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})

    def close_connections(self):
        subprocess.run([SCRIPT, "ctl", self.folder, "close_all_connections", "benchmark"], check=True, stdout=subprocess.DEVNULL)


def free_port():
    """One whose neighbours, which RabbitMQ takes along, are free as well."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if 20_000 < port < 45_000 and all(is_free(port + distance) for distance in (10_000, 20_000)):
            return port
    sys.exit("bus.py: no free port")


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def build(folder):
    """The yardstick, compiled into `folder`."""
    command = [os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-o", folder / "amqp", HERE / "amqp.c", "-lrabbitmq"]
    subprocess.run(command, check=True)
    return folder / "amqp"


def measured(command):
    result = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, timeout=RUN_SECONDS)
    if result.returncode != 0:
        sys.exit(f"bus.py: {command[0]} failed: {result.stdout}")
    return json.loads(result.stdout)


def clients(broker, amqp, messages):
    """Name -> the commands that publish and consume."""
    ours = lambda verb, *more: [BINARY, verb, "--url", broker.url, "--queue", QUEUE, "--messages", messages, *more]
    theirs = lambda verb, *more: [amqp, verb, "127.0.0.1", broker.port, QUEUE, messages, *more]
    consume = ours("consume", "--prefetch", PREFETCH)
    return {
        "C": (theirs("publish", SIZE, WINDOW), theirs("consume", PREFETCH)),
        "called back": (ours("publish", "--size", SIZE), consume),
        "awaited": (ours("publish", "--size", SIZE, "--callers", CALLERS), consume),
    }


def measure(options, broker, amqp):
    """Name -> the answers of its publishes and of its consumes, one of each a round."""
    commands = clients(broker, amqp, options.messages)
    runs = {name: ([], []) for name in commands}
    for turn in range(options.rounds):
        for name in list(commands)[:: 1 if turn % 2 == 0 else -1]:
            broker.renew_queues()
            for command, answers in zip(commands[name], runs[name]):
                answers.append(measured(command))
            shown = ", ".join(f"{a[-1]['per_second']:,}/s at {a[-1]['cpu_us']:.1f} us" for a in runs[name])
            print(f"round {turn + 1}, {name}: {shown}", flush=True)
    return runs


def measure_relay(options, broker, folder):
    """The answers of as many rounds of consume, inbox and outbox, acknowledge, publish."""
    answers = []
    for turn in range(options.rounds):
        broker.renew_queues()
        state = f"sqlite://{folder}/relay-{turn}.db"
        command = [BINARY, "relay", "--url", broker.url, "--queue", QUEUE, "--target", TARGET, "--database", state]
        answers.append(measured([*command, "--messages", options.messages // 2, "--prefetch", PREFETCH]))
        print(f"round {turn + 1}, relay: {answers[-1]['per_second']:,}/s at {answers[-1]['cpu_us']:.1f} us", flush=True)
    return answers


def measure_gap(broker):
    """Seconds without a confirmation when the broker has closed all connections."""
    broker.renew_queues()
    command = [BINARY, "gap", "--url", broker.url, "--queue", QUEUE, "--seconds", str(GAP_SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            process.stdout.readline()
            time.sleep(1)
            broker.close_connections()
            answer, _ = process.communicate(timeout=GAP_SECONDS + 60)
        finally:
            process.kill()
    if process.returncode != 0:
        sys.exit("bus.py: bus-bench gap failed")
    return json.loads(answer)["longest_gap_seconds"]


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def ratio(ours, theirs, figure):
    return f"{statistics.median(a[figure] / b[figure] for a, b in zip(ours, theirs)):.2f}"


def row(title, ours, theirs):
    costs = [spread([run["cpu_us"] for run in runs]) for runs in (ours, theirs)]
    return [title, *costs, ratio(ours, theirs, "cpu_us"), ratio(ours, theirs, "per_second")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--no-record", action="store_true", help="print only, and leave RESULTS.md as it is")
    options = parser.parse_args()
    if not BINARY.exists():
        sys.exit(f"bus.py: {BINARY} is missing: build it with `swift build -c release --product bus-bench`")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
    broker = Broker(folder)
    try:
        amqp = build(folder)
        broker.start()
        runs = measure(options, broker, amqp)
        relays = measure_relay(options, broker, folder)
        gaps = [measure_gap(broker) for _ in range(3)]
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)
    c, relay, handlers = runs["C"], runs["called back"], runs["awaited"]
    results.report(f"bus, {options.messages:,} messages, {options.rounds} rounds", [
        results.table(["1 KiB, quorum queue", "ours, us/message", "C, us/message", "ratio", "rate, ratio"], [
            row("publish, called back", relay[0], c[0]),
            row(f"publish, awaited by {CALLERS}", handlers[0], c[0]),
            row("consume and acknowledge", relay[1], c[1]),
        ]),
        f"Relay, inbox and outbox in SQLite: "
        f"{statistics.median(run['per_second'] for run in relays):,.0f} events/s "
        f"({min(run['per_second'] for run in relays):,} to {max(run['per_second'] for run in relays):,}), "
        f"{spread([run['cpu_us'] for run in relays])} us of CPU each.",
        f"Longest time without a confirmation around closed connections: {spread(gaps)} s.",
    ])


if __name__ == "__main__":
    main()
