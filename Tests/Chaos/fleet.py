"""The three services of a run, through all their lives, and what their metrics said before each end."""

import collections
import re
import signal as signals
import threading
import urllib.request

SAMPLE = re.compile(r"^(\w+)(\{[^}]*\})? (\S+)$")
# Counters that a run sets beside its ledger.
COUNTED = [
    "messaging_published_total", "messaging_confirmed_total", "messaging_returned_total", "messaging_nacked_total",
    "messaging_deliveries_total", "messaging_redeliveries_total", "messaging_retried_total", "messaging_parked_total",
    "messaging_unrouted_total", "messaging_duplicates_total", "messaging_reconnects_total",
    "messaging_blocked_seconds_total",
]
SECONDS_BETWEEN_LOOKS = 1


class Fleet:
    def __init__(self, stack, database_url):
        """`database_url`: from a service's name to its DATABASE_URL."""
        self.stack = stack
        self.database_url = database_url
        self.names = list(stack.services)
        self.lives = collections.Counter()
        # (name, life) -> what its counters said last.
        self.counters = {}
        self.ended = threading.Event()
        threading.Thread(target=self.look_on, daemon=True, name="fleet").start()

    # Lives

    def start(self, name, settings=None):
        self.lives[name] += 1
        settings = {"DATABASE_URL": self.database_url(name)} | (settings or {})
        self.stack.start_service(name, dies_with_parent=True, settings=settings)

    def wait_until_ready(self, name):
        self.stack.wait_until_ready(name)

    def stop(self, name, with_signal):
        self.look(name)
        self.signal(name, signals.SIGCONT)
        self.stack.stop_service(name, with_signal=with_signal)

    def signal(self, name, number):
        if self.runs(name):
            self.stack.processes[name].send_signal(number)

    def runs(self, name):
        process = self.stack.processes.get(name)
        return process is not None and process.poll() is None

    def close(self):
        self.ended.set()
        for name in self.names:
            self.signal(name, signals.SIGCONT)

    # Metrics

    def look_on(self):
        while not self.ended.wait(SECONDS_BETWEEN_LOOKS):
            for name in self.names:
                self.look(name)

    def look(self, name):
        """Notes a service's counters; a service that is away or stopped keeps those it had."""
        life = self.lives[name]
        try:
            with urllib.request.urlopen(self.stack.ready_url(name).replace("/ready", "/metrics"), timeout=1) as answer:
                text = answer.read().decode()
        except OSError:
            return
        self.counters[name, life] = sums(text)

    def total(self, counter, *names):
        """Over all lives; what a life counted after the last look and before its end is missing."""
        return sum(
            values.get(counter, 0) for (name, _), values in self.counters.items() if not names or name in names
        )


def sums(text):
    """Counter -> its value over all labels."""
    values = collections.Counter()
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match and match[1] in COUNTED:
            values[match[1]] += float(match[3])
    return values
