"""What clients of Socket.IO cost the gateway: deliveries, idle connections, clients that all come back.

    socketio.py [--rounds N] [--subscribers N] [--messages N] [--idle N] [--no-record]

They are authenticated and have joined a stream; what they are told is stored, and says where it stands. Needs the release build,
a C compiler and RabbitMQ; starts and stops all it needs. PORT_OFFSET moves the ports.
"""

import argparse

import fanout
import results
from fanout import run_load, running_gateway, spread

UNLIMITED = {"CHAT_MESSAGES_PER_SECOND": "0", "CHAT_MESSAGES_PER_MINUTE": "0"}
PATH = "/socket.io/?EIO=4&transport=websocket"
TOPICS = 100


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
        costs = fanout.measure_fanout(options, load, floor, stack, client, UNLIMITED)
        memory, joins, returns = measure_idle(options, load, stack, client)
    results.report(f"Socket.IO, {options.subscribers:,} subscribers, {options.rounds} rounds", [
        fanout.fanout_table(costs),
        results.table(
            ["idle connections", "bytes each", "us to connect and join", "us to come back"],
            [[f"{options.idle:,}", spread(list(memory), "{:,.0f}"), spread(list(joins), "{:.0f}"), spread(list(returns), "{:.0f}")]],
        ),
    ])


if __name__ == "__main__":
    main()
