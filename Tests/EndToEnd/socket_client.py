"""A client of python-socketio that keeps what it hears, for tests to wait for."""

import contextlib
import queue

import socketio


class SocketClient:
    def __init__(self, url, auth=None, transports=("websocket",)):
        self.client = socketio.Client(reconnection=False)
        self.heard = queue.Queue()
        self.kept = []
        self.client.on("*", lambda event, *arguments: self.heard.put((event, arguments)))
        self.client.on("disconnect", lambda *arguments: self.heard.put(("disconnect", arguments)))
        self.client.connect(url, auth=auth, transports=list(transports), wait_timeout=30)

    def emit(self, event, payload=None):
        self.client.emit(event, payload)

    def call(self, event, payload=None):
        """Emits and returns what is acknowledged."""
        return self.client.call(event, payload, timeout=30)

    def wait_for(self, event, matches=lambda *arguments: True, seconds=30):
        """The payload of the first such event, kept or new; others are kept."""
        for heard in self.kept:
            if heard[0] == event and matches(*heard[1]):
                self.kept.remove(heard)
                return heard[1][0] if heard[1] else None
        while True:
            try:
                heard = self.heard.get(timeout=seconds)
            except queue.Empty:
                raise AssertionError(f"no {event}; heard {self.kept}") from None
            if heard[0] == event and matches(*heard[1]):
                return heard[1][0] if heard[1] else None
            self.kept.append(heard)

    def has_heard(self, event):
        """Whether such an event has come that nobody waited for."""
        while not self.heard.empty():
            self.kept.append(self.heard.get())
        return any(name == event for name, _ in self.kept)


@contextlib.contextmanager
def connect(url, auth=None, transports=("websocket",)):
    client = SocketClient(url, auth, transports)
    try:
        yield client
    finally:
        client.client.disconnect()
