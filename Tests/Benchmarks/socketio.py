"""What clients of Socket.IO cost the gateway: deliveries, idle connections, clients that all come back.

    socketio.py [--rounds N] [--subscribers N] [--messages N] [--idle N] [--no-record]

They are authenticated and have joined a stream; what they are told is stored, and says where it stands. Needs the release build,
a C compiler and RabbitMQ; starts and stops all it needs. PORT_OFFSET moves the ports.
"""

import argparse
import statistics

import fanout
import results
from fanout import WINDOWS, run_load, running_floor, running_gateway, spread

UNLIMITED = {"CHAT_MESSAGES_PER_SECOND": "0", "CHAT_MESSAGES_PER_MINUTE": "0"}
PATH = "/socket.io/?EIO=4&transport=websocket"
TOPICS = 100


def measure_fanout(options, load, floor, stack, client):
    """Window -> (microseconds of the floor, of the gateway), one per round; the two take turns."""
    costs = {window: ([], []) for window in WINDOWS}
    floor_port = stack.gateway_port + 10
    with running_floor(floor, floor_port) as floor_pid, running_gateway(stack, UNLIMITED) as gateway_pid:
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


def measure_idle(options, load, stack, client):
    """Bytes per connection and microseconds per connect and join, and per client that comes back."""
    figures = []
    for _ in range(options.rounds):
        settings = {"subscribers": options.idle, "topics": TOPICS}
        with running_gateway(stack, UNLIMITED) as pid:
            idle = run_load(load, stack.gateway_port, pid, measure="idle", **client, **settings)
        with running_gateway(stack, UNLIMITED) as pid:
            storm = run_load(load, stack.gateway_port, pid, measure="storm", **client, **settings)
        figures.append((idle["bytes_per_connection"], idle["us_per_connect_and_join"], storm["us_per_return"]))
    return zip(*figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--subscribers", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--no-record", action="store_true", help="print only, and leave RESULTS.md as it is")
    options = parser.parse_args()
    with fanout.bench() as (stack, load, floor):
        file = stack.state / "tokens"
        secret = stack.environment["JWT_SECRET"]
        file.write_text("".join(f"{fanout.token(secret, f'user-{number}')}\n" for number in range(options.idle)))
        client = {"socketio": True, "tokens": file, "path": PATH}
        costs = measure_fanout(options, load, floor, stack, client)
        memory, joins, returns = measure_idle(options, load, stack, client)
    rows = [
        [window, spread(ours), spread(least), f"{statistics.median(a / b for a, b in zip(ours, least)):.2f}"]
        for window, (least, ours) in costs.items()
    ]
    results.report(f"Socket.IO, {options.subscribers:,} subscribers, {options.rounds} rounds", [
        results.table(["in flight", "gateway, us/delivery", "floor, us/delivery", "ratio"], rows),
        results.table(
            ["idle connections", "bytes each", "us to connect and join", "us to come back"],
            [[f"{options.idle:,}", spread(list(memory), "{:,.0f}"), spread(list(joins), "{:.0f}"), spread(list(returns), "{:.0f}")]],
        ),
    ])


if __name__ == "__main__":
    main()
