"""What goes wrong in a run: a schedule made from the seed, and how each fault is brought about and taken back.

One fault at a time breaks the broker, so that a majority of its nodes stands; while it does, a service may be hit as well.
"""

import collections
import random
import signal
import time

Fault = collections.namedtuple("Fault", "name target seconds")

# Name -> how long it lasts, in seconds.
BROKER_FAULTS = {
    "kill node": (1, 5), "partition": (6, 10), "memory alarm": (2, 5), "close connections": (0, 1), "stop app": (2, 5),
}
SERVICE_FAULTS = {"kill service": (0, 3), "terminate service": (0, 1), "pause service": (1, 8)}
# Of a hundred broker faults.
DOUBLED = 40


def schedule(seed, count, nodes, services):
    """At least `count` faults, each kind and each service among them if there are enough: lists of one or two."""
    dice = random.Random(f"faults {seed}")
    hold = lambda limits: round(dice.uniform(*limits), 1)
    broker = lambda name: Fault(name, dice.randrange(nodes), hold(BROKER_FAULTS[name]))
    service = lambda name, target: Fault(name, target, hold(SERVICE_FAULTS[name]))
    steps = [[service(name, target)] for name in SERVICE_FAULTS for target in services]
    steps += [[broker(name)] for name in BROKER_FAULTS]
    dice.shuffle(steps)
    steps = steps[:count]
    while sum(map(len, steps)) < count:
        steps.append([broker(dice.choice(list(BROKER_FAULTS)))])
        if sum(map(len, steps)) < count and dice.randrange(100) < DOUBLED:
            steps[-1].append(service(dice.choice(list(SERVICE_FAULTS)), dice.choice(services)))
    return steps


class Saboteur:
    """Brings faults about, one step after the other, from the main thread."""

    def __init__(self, cluster, fleet):
        self.cluster = cluster
        self.fleet = fleet

    def perform(self, step):
        """Breaks, waits and mends; returns when what was broken is back."""
        first, *more = step
        undo = self.begin(first)
        for other in more:
            self.perform([other])
        time.sleep(first.seconds)
        undo()

    def begin(self, fault):
        """Breaks something and returns how to mend it."""
        act = getattr(self, fault.name.replace(" ", "_"))
        if fault.name in SERVICE_FAULTS:
            return act(fault.target)
        return act(self.cluster.nodes[fault.target])

    # The broker

    def kill_node(self, node):
        node.kill()
        return lambda: self.cluster.restart(node)

    def partition(self, node):
        self.cluster.cut_off(node)

        def mend():
            self.cluster.heal(node)
            node.wait_until_listening()

        return mend

    def memory_alarm(self, node):
        self.cluster.block(node)
        return lambda: self.cluster.unblock(node)

    def close_connections(self, node):
        self.cluster.close_connections(node)
        return lambda: None

    def stop_app(self, node):
        self.cluster.stop_application(node)

        def mend():
            self.cluster.start_application(node)
            node.wait_until_listening()

        return mend

    # The services

    def kill_service(self, name):
        self.fleet.stop(name, signal.SIGKILL)
        return lambda: self.fleet.start(name)

    def terminate_service(self, name):
        self.fleet.stop(name, signal.SIGTERM)
        return lambda: self.fleet.start(name)

    def pause_service(self, name):
        self.fleet.signal(name, signal.SIGSTOP)
        return lambda: self.fleet.signal(name, signal.SIGCONT)


def mend_all(cluster, fleet):
    """Everything stands again, whatever a fault that failed half-way has left."""
    for name in fleet.names:
        fleet.signal(name, signal.SIGCONT)
    cluster.mend()
    for name in fleet.names:
        if not fleet.runs(name):
            fleet.start(name)
        fleet.wait_until_ready(name)
