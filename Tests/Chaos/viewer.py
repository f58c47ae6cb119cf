"""A client of the gateway that comes back whenever it is thrown out, and remembers when it was there."""

import asyncio
import collections
import threading
import time

import events
import phoenix
import websockets


class Viewer(threading.Thread):
    def __init__(self, stack, token):
        super().__init__(daemon=True, name="viewer")
        self.stack = stack
        self.token = token
        self.seen = collections.Counter()
        self.ended = threading.Event()
        self.joined = threading.Event()
        self.joins = 0

    def run(self):
        asyncio.run(self.watch())

    async def watch(self):
        while not self.ended.is_set():
            try:
                async with phoenix.connect(self.stack, self.token) as client:
                    await client.join(events.ROOM)
                    self.joins += 1
                    self.joined.set()
                    await self.look(client)
            except (OSError, asyncio.TimeoutError, websockets.WebSocketException):
                self.joined.clear()
                await asyncio.sleep(0.1)

    async def look(self, client):
        beat = time.monotonic()
        while not self.ended.is_set():
            if time.monotonic() - beat > 20:
                beat = time.monotonic()
                await client.send("phoenix", "heartbeat", {})
            try:
                _, _, event, payload = await client.receive(1)
            except asyncio.TimeoutError:
                continue
            if event == "chaos":
                self.seen[payload["id"]] += 1
