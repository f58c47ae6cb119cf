"""SIGTERM under load, again and again: nothing that was taken may be given back.

RabbitMQ 3 marks a few messages as delivered before that it has never sent: those that it assigned to a consumer while that
was being cancelled. They are counted beside what the service itself says that it gave back.
"""

import json
import signal
import time

from ledger import table

SERVICE = "notification-dispatcher"
PAUSE = 1.0
# Events a second, and for so many seconds a restart.
LOAD, SECONDS_EACH = 100, 6
DELIVERIES, REDELIVERIES = "messaging_deliveries_total", "messaging_redeliveries_total"


def perform(run, count):
    """Restarts the dispatcher `count` times while it works; returns the report and whether nothing was redelivered."""
    run.start()
    run.options.rate, run.options.media = LOAD, 0
    run.options.events = LOAD * SECONDS_EACH * count
    budget = run.start_backends(run.plan())
    budget.release(run.options.events)
    rows = []
    try:
        for number in range(1, count + 1):
            # It must have begun to work before it is ended.
            wait_for_work(run)
            time.sleep(PAUSE)
            began = time.monotonic()
            run.fleet.stop(SERVICE, signal.SIGTERM)
            took = time.monotonic() - began
            rows.append(counted(run) + [took])
            run.fleet.start(SERVICE)
            run.fleet.wait_until_ready(SERVICE)
            if number % 10 == 0:
                run.say(f"{number} restarts, {run.fleet.total(REDELIVERIES, SERVICE):g} redeliveries")
        wait_for_work(run)
        time.sleep(PAUSE)
        run.fleet.look(SERVICE)
        rows.append(counted(run) + [0])
    finally:
        budget.end()
    return report(run, rows, count)


def wait_for_work(run, seconds=30):
    """Waits until this life has deliveries; the redeliveries of what the last one left come first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run.fleet.look(SERVICE)
        if counted(run)[0] > 0:
            return
        time.sleep(0.1)
    run.problems.append(f"no deliveries within {seconds} s after a restart")


def counted(run):
    values = run.fleet.counters.get((SERVICE, run.fleet.lives[SERVICE]), {})
    return [values.get(DELIVERIES, 0), values.get(REDELIVERIES, 0)]


def report(run, rows, count):
    deliveries, redeliveries = (int(sum(row[place] for row in rows)) for place in (0, 1))
    returned = given_back(run)
    ends = sorted(row[2] for row in rows[:-1])
    print(table(
        ["restarts", "deliveries", "given back", "marked as redelivered", "slowest end", "median end"],
        [[count, deliveries, returned, redeliveries, f"{ends[-1]:.2f} s", f"{ends[len(ends) // 2]:.2f} s"]],
    ))
    for problem in run.problems:
        print(f"problem: {problem}")
    document = {
        "restarts": count, "deliveries": deliveries, "given_back": returned, "redeliveries": redeliveries,
        "problems": run.problems,
    }
    return document, returned == 0 and not run.problems


def given_back(run):
    """Deliveries that the service's lives ended with, by its own log."""
    lines = (run.stack.state / f"log/{SERVICE}.log").read_text().splitlines()
    events = [json.loads(line) for line in lines if "deliveries given back" in line]
    return sum(int(event["messaging.deliveries"]) for event in events)
