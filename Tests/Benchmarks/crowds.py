"""What crowds and slow readers cost the gateway: clients that all come back, that all show themselves, that all speak, and one
that stops reading.

    crowds.py [--rounds N] [--clients N] [--no-record]

Needs the release build, a C compiler and RabbitMQ; starts and stops all it needs. PORT_OFFSET moves the ports.
"""

import argparse

import fanout
import results
from fanout import run_load, running_gateway, spread

READERS = 11
OFFERED = 200_000_000
PAYLOAD = 4000
PUBLISHERS, PER_PUBLISHER = 50, 8


def measure_storm(options, load, stack, tokens):
    """Microseconds of CPU per client that was cut off and is back, its token verified and its topic joined."""
    costs = []
    for _ in range(options.rounds):
        with running_gateway(stack) as pid:
            answer = run_load(load, stack.gateway_port, pid, measure="storm", subscribers=options.clients, topics=100, **tokens)
            costs.append(answer["us_per_return"])
    return costs


def measure_presence(options, load, stack, tokens):
    """Frames and CPU seconds when 1,000 users join one presence topic at once."""
    pairs = []
    for _ in range(options.rounds):
        with running_gateway(stack) as pid:
            answer = run_load(load, stack.gateway_port, pid, measure="presence", subscribers=1000, **tokens)
            pairs.append((answer["frames"], answer["server_cpu_s"]))
    return zip(*pairs)


def measure_accept(options, load, stack, tokens):
    """Messages a second that are stored and answered, and microseconds of CPU for each."""
    pairs = []
    for _ in range(options.rounds):
        with running_gateway(stack) as pid:
            answer = run_load(
                load, stack.gateway_port, pid, measure="accept", subscribers=PUBLISHERS, topics=PUBLISHERS,
                window=PER_PUBLISHER, messages=50_000, **tokens,
            )
            pairs.append((answer["per_second"], answer["us_per_message"]))
    return zip(*pairs)


def measure_slow(options, load, stack, tokens):
    """KiB by which memory grows more, and how much of their rate the others keep, when one of 11 readers stops."""
    growths, kept = [], []
    for _ in range(options.rounds):
        rates, peaks = [], []
        for stalled in (0, 1):
            with running_gateway(stack) as pid:
                answer = run_load(
                    load, stack.gateway_port, pid, measure="fanout", subscribers=READERS, stalled=stalled, window=16,
                    payload=PAYLOAD, messages=OFFERED // PAYLOAD, **tokens,
                )
            # Of a reader: as many messages, in this time.
            rates.append(answer["messages"] / answer["seconds"])
            peaks.append(answer["peak_growth_kib"])
        growths.append(peaks[1] - peaks[0])
        kept.append(rates[1] / rates[0])
    return growths, kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--no-record", action="store_true", help="print only, and leave RESULTS.md as it is")
    options = parser.parse_args()
    with fanout.bench() as (stack, load, _):
        file = stack.state / "tokens"
        secret = stack.environment["JWT_SECRET"]
        file.write_text("".join(f"{fanout.token(secret, f'user-{number}')}\n" for number in range(options.clients)))
        tokens = {"tokens": file, "path": "/socket/websocket?vsn=2.0.0&token="}
        storm = measure_storm(options, load, stack, tokens)
        frames, presence = measure_presence(options, load, stack, tokens)
        rate, accepting = measure_accept(options, load, stack, tokens)
        growth, kept = measure_slow(options, load, stack, tokens)
    results.report(f"crowds, {options.clients:,} clients, {options.rounds} rounds", [
        results.table(["what", "of", "figure"], [
            ["clients that come back at once", "us of CPU each", spread(storm, "{:.0f}")],
            ["1,000 users join one presence topic", "frames", spread(frames, "{:.0f}")],
            ["", "CPU seconds", spread(presence)],
            [f"{PUBLISHERS} clients speak", "stored messages/s", spread(rate, "{:.0f}")],
            ["", "us of CPU each", spread(accepting, "{:.1f}")],
            [f"one of {READERS} readers stops, {OFFERED // 1_000_000} MB offered", "KiB of growth", spread(growth, "{:.0f}")],
            ["", "rate that the others keep", spread(kept)],
        ]),
    ])


if __name__ == "__main__":
    main()
