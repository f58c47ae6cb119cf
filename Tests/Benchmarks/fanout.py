"""What a delivery and an idle connection cost the gateway, against the floor of the machine.

    fanout.py [--rounds N] [--subscribers N] [--idle N] [--messages N] [--no-record]

Needs the release build, a C compiler and RabbitMQ; starts and stops all it needs. PORT_OFFSET moves the ports.
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
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

import results

sys.path.insert(0, str(results.REPOSITORY / "deploy/local"))
import stack as local  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
WINDOWS = (1, 16)
TOPICS_OF_IDLE = 100
LOAD_SECONDS = 300


def build(folder):
    """The load and the floor, compiled into `folder`."""
    for name in ("load", "floor"):
        command = [os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-o", folder / name, HERE / f"{name}.c"]
        subprocess.run(command, check=True)
    return folder / "load", folder / "floor"


def token(secret, user="bench"):
    encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    head = encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = encode(json.dumps({"sub": user, "exp": int(time.time()) + 86400}).encode())
    signature = encode(hmac.new(secret.encode(), head + b"." + claims, hashlib.sha256).digest())
    return b".".join([head, claims, signature]).decode()


def run_load(load, port, pid, **settings):
    words = [word for name, value in settings.items() for word in ([f"--{name}"] if value is True else [f"--{name}", str(value)])]
    command = [load, "--port", str(port), "--pid", str(pid), *words]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=LOAD_SECONDS)
    if result.returncode != 0:
        sys.exit(f"fanout.py: the load failed: {result.stdout}")
    return json.loads(result.stdout)


@contextlib.contextmanager
def on_one_core():
    """What is started here stays on one core; the load and the broker have the others, if there are any."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@contextlib.contextmanager
def running_floor(floor, port):
    with on_one_core():
        process = subprocess.Popen([floor, str(port)])
    try:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("fanout.py: the floor did not start")
            time.sleep(0.02)
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def running_gateway(stack, settings=None):
    # All clients of the fan-out show one token.
    settings = {"CONNECTIONS_PER_USER": "0", **(settings or {})}
    with on_one_core():
        stack.start_service("realtime-gateway", dies_with_parent=True, settings=settings)
    stack.wait_until_ready("realtime-gateway")
    try:
        yield stack.processes["realtime-gateway"].pid
    finally:
        stack.stop_service("realtime-gateway")


@contextlib.contextmanager
def bench(offset=700):
    """A stack with nothing but a broker, and the programs that load it and that set the floor."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-"))
    binaries = results.REPOSITORY / ".build" / os.environ.get("BUILD", "release")
    stack = local.Stack(folder, binaries, int(os.environ.get("PORT_OFFSET", "0")) + offset)
    try:
        load, floor = build(folder)
        stack.start_broker(watch=os.getpid())
        yield stack, load, floor
    except local.StackError as error:
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {error}")
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


def spread(values, form="{:.2f}"):
    middle = form.format(statistics.median(values))
    return f"{middle} ({form.format(min(values))} to {form.format(max(values))})"


def measure_fanout(options, load, floor, stack, client, limits=None):
    """Window -> (microseconds of the floor, of the gateway), one per round; the two take turns.

    `client` is how the load connects to the gateway, `limits` what the gateway allows it.
    """
    costs = {window: ([], []) for window in WINDOWS}
    floor_port = stack.gateway_port + 10
    with running_floor(floor, floor_port) as floor_pid, running_gateway(stack, limits) as gateway_pid:
        for turn in range(options.rounds):
            for window in WINDOWS:
                settings = {
                    "measure": "fanout", "subscribers": options.subscribers, "messages": options.messages, "window": window,
                }
                runs = [
                    (0, lambda: run_load(load, floor_port, floor_pid, raw=True, **settings)),
                    (1, lambda: run_load(load, stack.gateway_port, gateway_pid, **client, **settings)),
                ]
                for place, run in runs if turn % 2 == 0 else reversed(runs):
                    costs[window][place].append(run()["us_per_delivery"])
                print(f"round {turn + 1}, {window} in flight: " + ", ".join(f"{c[-1]:.2f}" for c in costs[window]), flush=True)
    return costs


def fanout_table(costs):
    rows = [
        [window, spread(ours), spread(least), f"{statistics.median(a / b for a, b in zip(ours, least)):.2f}"]
        for window, (least, ours) in costs.items()
    ]
    return results.table(["in flight", "gateway, us/delivery", "floor, us/delivery", "ratio"], rows)


def measure_idle(options, load, stack, path):
    """Bytes per connection and microseconds per connect and join, one pair per round, each of a fresh process."""
    pairs = []
    for _ in range(options.rounds):
        with running_gateway(stack) as pid:
            settings = {"subscribers": options.idle, "topics": TOPICS_OF_IDLE}
            answer = run_load(load, stack.gateway_port, pid, measure="idle", path=path, **settings)
            pairs.append((answer["bytes_per_connection"], answer["us_per_connect_and_join"]))
    return zip(*pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--subscribers", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--no-record", action="store_true", help="print only, and leave RESULTS.md as it is")
    options = parser.parse_args()
    with bench() as (stack, load, floor):
        path = f"/socket/websocket?vsn=2.0.0&token={token(stack.environment['JWT_SECRET'])}"
        costs = measure_fanout(options, load, floor, stack, {"path": path})
        memory, joins = measure_idle(options, load, stack, path)
    results.report(f"fanout, {options.subscribers:,} subscribers, {options.rounds} rounds", [
        fanout_table(costs),
        results.table(
            ["idle connections", "bytes each", "us to connect and join"],
            [[f"{options.idle:,}", spread(list(memory), "{:,.0f}"), spread(list(joins), "{:.0f}")]],
        ),
    ])


if __name__ == "__main__":
    main()
