"""`make chaos`: events through a real cluster and the real services while all of it is broken, and what became of them.

    run.py [--seed N] [--events N] [--faults N] [--media N] [--database sqlite|postgres] [--json FILE] [--keep]
    run.py --restarts N [--seed N] [--rate N]        SIGTERM restarts of the dispatcher under load, redeliveries counted

Needs the release build, RabbitMQ and ffmpeg (PostgreSQL for --database postgres); starts and stops all it needs. The same
seed makes the same events and the same faults; when each strikes depends on the machine. Exit code 1: something is lost,
or doubled as far as receivers can tell.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "Tests/EndToEnd"), str(REPOSITORY / "deploy/local")]
os.environ.pop("AMQP_URL", None)

import backend  # noqa: E402
import bus  # noqa: E402
import clips  # noqa: E402
import databases  # noqa: E402
import events  # noqa: E402
import faults  # noqa: E402
import operator_cli  # noqa: E402
import restarts  # noqa: E402
import witness as witnesses  # noqa: E402
from cluster import Cluster, ClusterError  # noqa: E402
from fleet import COUNTED, Fleet  # noqa: E402
from ledger import Ledger, table  # noqa: E402
from receiver import Receiver  # noqa: E402
from stack import Stack, StackError  # noqa: E402
from viewer import Viewer  # noqa: E402

BACKENDS, RATE = 4, 60
WEBHOOK_SECONDS = 3
# Published when all is healed: the way must be free for these.
TAIL = 0.05
CONFIRM_SECONDS = 180
# A retry that has come to the fourth tier waits 30 minutes; a run that needs it has met one event three times.
DRAIN_SECONDS, SILENCE_SECONDS = 1200, 400


class Run:
    """One cluster, three services, one backend and all who look on."""

    def __init__(self, options, folder, database_url):
        self.options = options
        self.cluster = Cluster(folder / "cluster")
        self.receiver = Receiver(options.seed, WEBHOOK_SECONDS)
        settings = {
            "AMQP_URL": "amqp://guest:guest@" + ",".join(f"127.0.0.1:{node.port}" for node in self.cluster.nodes) + "/",
            "WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_SECRET": bus.WEBHOOK_SECRET, "WEBHOOK_TIMEOUT": f"{WEBHOOK_SECONDS}s",
            "LOG_LEVEL": "notice",
        }
        binaries = REPOSITORY / ".build" / os.environ.get("BUILD", "release")
        self.stack = Stack(folder / "stack", binaries, int(os.environ.get("PORT_OFFSET", "0")) + 5000, settings)
        self.fleet = Fleet(self.stack, database_url)
        self.confirmed = {}
        self.problems = []

    def start(self):
        self.say("starting three nodes and three services")
        self.cluster.start()
        for name in self.fleet.names:
            self.fleet.start(name)
        for name in self.fleet.names:
            self.fleet.wait_until_ready(name)

    def perform(self):
        self.start()
        witness = witnesses.Witness(self.cluster.urls[0])
        all_events = self.plan()
        viewer = Viewer(self.stack, operator_cli.run(self.stack, "token", "--sub", "viewer").stdout.strip())
        viewer.start()
        viewer.joined.wait(30)
        watched = self.publish(all_events, viewer)
        self.drain(all_events, witness, viewer, watched)
        return self.account(all_events, witness, viewer, watched)

    def plan(self):
        clip = clips.Clips(pathlib.Path(self.stack.environment["MEDIA_ROOT"])).make("tiny.mp4", size="128x72", seconds=1)
        return events.plan(self.options.seed, self.options.events, self.options.media, self.receiver.url, clip)

    # The load and the faults

    def publish(self, all_events, viewer):
        """Publishes everything while the schedule runs; returns the ids of the broadcasts that the viewer must have seen."""
        budget = self.start_backends(all_events)
        steps = faults.schedule(self.options.seed, self.options.faults, len(self.cluster.nodes), self.fleet.names)
        tail = int(len(all_events) * TAIL) if steps else len(all_events)
        self.strike(steps, budget, len(all_events) - tail)
        self.say("mending what is left")
        faults.mend_all(self.cluster, self.fleet)
        viewer.joined.wait(60)
        self.wait_for_confirms(len(all_events) - tail)
        time.sleep(2)
        budget.release(tail + len(self.backends))
        self.wait_for_confirms(len(all_events))
        budget.end()
        return {event.id for event in all_events[-tail:] if event.kind == "broadcast"}

    def start_backends(self, all_events):
        budget, queue = backend.Budget(), iter(all_events)
        self.backends = [
            backend.Backend(number, self.cluster.urls, queue, budget, self.confirmed, self.options.rate / BACKENDS)
            for number in range(BACKENDS)
        ]
        for one in self.backends:
            one.start()
        return budget

    def strike(self, steps, budget, count):
        saboteur = faults.Saboteur(self.cluster, self.fleet)
        released = 0
        for place, step in enumerate(steps, 1):
            share = count * place // len(steps) - released
            released += share
            # Half before it breaks and half while it is broken.
            budget.release(share)
            time.sleep(share / 2 / self.options.rate)
            self.say(f"{place}/{len(steps)} " + " with ".join(f"{f.name} {f.target} {f.seconds} s" for f in step))
            try:
                saboteur.perform(step)
            except (ClusterError, StackError) as error:
                self.problems.append(str(error))
                self.say(f"the fault failed: {error}")
                faults.mend_all(self.cluster, self.fleet)

    def wait_for_confirms(self, count):
        deadline = time.monotonic() + CONFIRM_SECONDS + count / self.options.rate
        while len(self.confirmed) < count:
            if time.monotonic() > deadline:
                self.problems.append(f"only {len(self.confirmed)} of {count} events were confirmed in time")
                return
            time.sleep(0.2)

    # The ledger

    def drain(self, all_events, witness, viewer, watched):
        self.say("waiting for the last effects")
        read = lambda: Ledger(all_events, self.confirmed, witness, self.receiver, viewer, {}, {}, watched)
        # Strays are seen by nobody; they are looked for in their queue afterwards.
        complete = lambda: sum(line["lost"] for line in read().lines if line["kind"] != "stray") == 0
        tell = lambda: self.say(f"{len(witness.seen)} events seen, {len(self.receiver.taken)} webhooks taken", again=True)
        witness.read(complete, SILENCE_SECONDS, DRAIN_SECONDS, tell)
        # What comes twice, comes now.
        witness.read(lambda: False, 6, 30)

    def account(self, all_events, witness, viewer, watched):
        url = self.cluster.urls[0]
        parked = {}
        for queue in witnesses.PARKED:
            parked |= {id: {"queue": queue} | headers for id, headers in witnesses.take_all(url, f"{queue}.parking").items()}
        unrouted = witnesses.take_all(url, "events.unrouted")
        for name in self.fleet.names:
            self.fleet.look(name)
        return Ledger(all_events, self.confirmed, witness, self.receiver, viewer, parked, unrouted, watched)

    def say(self, text, again=False):
        done = f"[{time.monotonic() - self.began:5.0f} s, {len(self.confirmed)} of {self.options.events} confirmed]"
        print(f"{done} {text}", file=sys.stderr, flush=True)

    began = time.monotonic()

    def close(self):
        self.fleet.close()
        self.stack.stop()
        self.cluster.stop()
        self.receiver.close()


def report(run, ledger):
    """Prints what became of everything; returns it for --json."""
    tries, losses = (sum(getattr(one, field) for one in run.backends) for field in ("tries", "losses"))
    counters = {counter: [run.fleet.total(counter, name) for name in run.fleet.names] for counter in COUNTED}
    print(ledger.table())
    print(f"\nbackend: {len(run.confirmed)} confirmed in {tries} tries, longest wait "
          f"{max(one.longest_gap for one in run.backends):.1f} s")
    print(f"webhooks: {sum(run.receiver.tries.values())} tries of {len(run.receiver.tries)} ids")
    print(f"lives: " + ", ".join(f"{name} {run.fleet.lives[name]}" for name in run.fleet.names))
    print("\nWhat the services counted, as far as it was seen before a life's end:\n")
    rows = [[counter, *(f"{value:g}" for value in values)] for counter, values in counters.items() if any(values)]
    print(table(["counter", *run.fleet.names], rows))
    for id, headers in list(ledger.parked.items())[:10]:
        print(f"parked {id} in {headers['queue']}: {headers.get('x-parked-reason') or headers.get('x-first-death-reason')}")
    strays = collections.Counter(headers["type"] for headers in ledger.unrouted.values())
    print("unrouted: " + (", ".join(f"{count} {kind}" for kind, count in strays.most_common()) or "none"))
    for problem in run.problems:
        print(f"problem: {problem}")
    print(f"\nlost {ledger.lost}, duplicates {ledger.duplicates}, parked {len(ledger.parked)}, "
          f"unrouted {len(ledger.unrouted)}, seed {run.options.seed}")
    return {
        "seed": run.options.seed, "lines": ledger.lines, "lost": ledger.lost, "duplicates": ledger.duplicates,
        "parked": ledger.parked, "unrouted": len(ledger.unrouted), "tries": tries, "losses": losses,
        "counters": {counter: dict(zip(run.fleet.names, values)) for counter, values in counters.items()},
        "problems": run.problems,
    }


def performed(run):
    """The report of a run, and whether it is what was hoped for."""
    try:
        if run.options.restarts:
            return restarts.perform(run, run.options.restarts)
        ledger = run.perform()
        return report(run, ledger), ledger.lost == 0 and ledger.duplicates == 0 and not run.problems
    finally:
        run.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--media", type=int, default=12)
    parser.add_argument("--rate", type=int, default=4 * RATE, help="events a second, at most")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--restarts", type=int, default=0, help="only this: so many restarts under load")
    parser.add_argument("--json", type=pathlib.Path, help="where the report goes as JSON, too")
    parser.add_argument("--keep", action="store_true", help="leave logs and data behind, and say where")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-chaos-"))
    try:
        with databases.running(options.database, folder) as database_url:
            document, is_good = performed(Run(options, folder, database_url))
    except (ClusterError, StackError, databases.DatabaseError) as error:
        sys.exit(f"run.py: {error}")
    except KeyboardInterrupt:
        sys.exit("run.py: stopped")
    finally:
        if options.keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        options.json.write_text(json.dumps(document, indent=2))
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
