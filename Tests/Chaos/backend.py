"""A backend that publishes as it should: confirms, mandatory, the same event again until the broker has taken it."""

import json
import threading
import time

import pika

PATIENCE = 15
PAUSE = 0.2


class Budget:
    """How many events may be published by now; a fault finds the load that it was meant for."""

    def __init__(self):
        self.condition = threading.Condition()
        self.available = 0
        self.ended = False

    def release(self, count):
        with self.condition:
            self.available += count
            self.condition.notify_all()

    def take(self):
        """Waits for room for one event; false when there will be no more."""
        with self.condition:
            self.condition.wait_for(lambda: self.available > 0 or self.ended)
            self.available -= 1
            return not self.ended

    def end(self):
        with self.condition:
            self.ended = True
            self.condition.notify_all()


class Backend(threading.Thread):
    """One connection that publishes the events it takes from a common list."""

    def __init__(self, number, urls, events, budget, confirmed, rate):
        super().__init__(daemon=True, name=f"backend-{number}")
        self.urls = urls[number % len(urls):] + urls[: number % len(urls)]
        self.events = events
        self.budget = budget
        self.confirmed = confirmed
        self.interval = 1 / rate
        self.connection = None
        self.tries = 0
        self.losses = 0
        self.longest_gap = 0.0

    def run(self):
        # An iterator over a list hands each event to one thread only.
        while self.budget.take():
            event = next(self.events, None)
            if event is None:
                return self.close()
            began = time.monotonic()
            self.publish(event)
            took = time.monotonic() - began
            self.longest_gap = max(self.longest_gap, took)
            time.sleep(max(0, self.interval - took))
        self.close()

    def publish(self, event):
        """Returns when the broker has confirmed it."""
        properties = pika.BasicProperties(
            content_type="application/json", delivery_mode=2, message_id=event.id, type=event.key, app_id="chaos-backend"
        )
        body = json.dumps(event.envelope).encode()
        while not self.budget.ended:
            self.tries += 1
            try:
                self.channel().basic_publish("events", event.key, body, properties, mandatory=True)
                self.confirmed[event.id] = time.time()
                return
            except (pika.exceptions.AMQPError, OSError):
                # Unroutable and refused messages, too: a queue whose node is away takes none for a moment.
                self.losses += 1
                self.close()
                time.sleep(PAUSE)

    def channel(self):
        if self.connection is None:
            self.urls.append(self.urls.pop(0))
            parameters = pika.URLParameters(self.urls[0])
            parameters.heartbeat = 10
            parameters.socket_timeout = parameters.stack_timeout = 5
            parameters.blocked_connection_timeout = PATIENCE
            self.connection = pika.BlockingConnection(parameters)
            self.open = self.connection.channel()
            self.open.confirm_delivery()
        return self.open

    def close(self):
        connection, self.connection = self.connection, None
        try:
            if connection:
                connection.close()
        except (pika.exceptions.AMQPError, OSError):
            pass  # It was lost.
