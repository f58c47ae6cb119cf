"""A Phoenix Channels client, serializers 1.0.0 and 2.0.0, on Python's websockets."""

import asyncio
import contextlib
import json

import websockets


class Phoenix:
    def __init__(self, socket, version):
        self.socket = socket
        self.version = version
        self.reference = 0
        self.kept = []

    async def send(self, topic, event, payload, join_ref=None):
        self.reference += 1
        ref = str(self.reference)
        if self.version == "2.0.0":
            frame = [join_ref or ref, ref, topic, event, payload]
        else:
            frame = {"topic": topic, "event": event, "payload": payload, "ref": ref}
        await self.socket.send(json.dumps(frame))
        return ref

    async def receive(self, seconds=30):
        """The next frame as (ref, topic, event, payload)."""
        frame = json.loads(await asyncio.wait_for(self.socket.recv(), seconds))
        if self.version == "2.0.0":
            return tuple(frame[1:])
        return frame["ref"], frame["topic"], frame["event"], frame["payload"]

    async def wait_for(self, matches, seconds=60):
        """The first frame, kept or new, that `matches(ref, topic, event, payload)`; others are kept."""
        for frame in self.kept:
            if matches(*frame):
                self.kept.remove(frame)
                return frame

        async def search():
            while True:
                frame = await self.receive(seconds)
                if matches(*frame):
                    return frame
                self.kept.append(frame)

        return await asyncio.wait_for(search(), seconds)

    async def reply(self, ref):
        _, _, _, payload = await self.wait_for(lambda r, t, event, p: event == "phx_reply" and r == ref)
        return payload

    async def event(self, name, topic=None, seconds=60, **fields):
        """The payload of the next event of this name, on this topic, with these fields."""
        frame = await self.wait_for(
            lambda r, t, event, payload: event == name
            and topic in (None, t)
            and all(payload.get(k) == v for k, v in fields.items()),
            seconds,
        )
        return frame[3]

    async def join(self, topic, payload=None):
        return await self.reply(await self.send(topic, "phx_join", payload or {}))

    async def request(self, topic, event, payload):
        return await self.reply(await self.send(topic, event, payload))


@contextlib.asynccontextmanager
async def connect(stack, token, version="2.0.0", **query):
    parameters = "&".join(f"{key}={value}" for key, value in {"token": token, "vsn": version, **query}.items() if value)
    url = f"{stack.environment['GATEWAY_URL']}/socket/websocket?{parameters}".replace("http", "ws", 1)
    async with websockets.connect(url, open_timeout=20, ping_interval=None) as socket:
        yield Phoenix(socket, version)
