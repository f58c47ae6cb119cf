"""Socket.IO clients that lose their connections, or the gateway, come back for what they have missed."""

import asyncio
import contextlib
import json
import signal
import uuid

import pytest
import talk
import websockets
from websockets.exceptions import WebSocketException

SPEAKERS = 3
KILLS = 3
LOST = (WebSocketException, OSError, asyncio.TimeoutError)


class Connection:
    """A WebSocket as socket.io-client has it, which remembers the last offset that it was told."""

    def __init__(self, socket, place):
        self.socket, self.place = socket, place
        self.sid = None
        self.is_back = False
        self.missed = []
        self.answers = 0
        self.answered = set()

    async def packet(self):
        while True:
            frame = await asyncio.wait_for(self.socket.recv(), 30)
            if frame != "2":
                return frame
            await self.socket.send("3")

    async def event(self):
        """The next event as its name and its argument; answers that come before it are noted."""
        while True:
            packet = await self.packet()
            if packet.startswith("43"):
                self.answered.add(int(packet[2:packet.index("[")]))
            if packet.startswith("42"):
                event = self.read(packet)
                if event[0] != "offset":
                    return event

    def read(self, packet):
        event = json.loads(packet[2:])
        if isinstance(event[-1], str):
            self.place["offset"] = event[-1]
        return event

    async def emit(self, name, payload):
        """Returns what the answer is known by."""
        self.answers += 1
        await self.socket.send(f"42{self.answers}" + json.dumps([name, payload]))
        return self.answers

    async def call(self, name, payload):
        """Emits and waits for the acknowledgement; events that come meanwhile are dropped."""
        number = await self.emit(name, payload)
        while True:
            packet = await self.packet()
            if packet.startswith(f"43{number}["):
                return json.loads(packet[len(f"43{number}"):])[0]
            if packet.startswith("42"):
                self.read(packet)


@contextlib.asynccontextmanager
async def connect(stack, token, place):
    url = stack.environment["GATEWAY_URL"].replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    async with websockets.connect(url, open_timeout=20, ping_interval=None, close_timeout=1) as socket:
        connection = Connection(socket, place)
        await connection.packet()
        claim = {key: place[key] for key in ("pid", "offset") if key in place}
        await socket.send("40" + json.dumps({"token": token, "app_id": "app_xyz789"} | claim))
        while not (packet := await connection.packet()).startswith("40"):
            assert packet.startswith("42"), packet
            event = connection.read(packet)
            if event[0] != "offset":
                connection.missed.append(event)
        answer = json.loads(packet[2:])
        connection.sid = answer["sid"]
        connection.is_back = place.get("sid") == connection.sid
        place.update(answer)
        yield connection


class Listener:
    """Comes back with what it was told, and notes every message."""

    def __init__(self, stack, token, stream):
        self.stack, self.token, self.stream = stack, token, stream
        self.place = {}
        self.seqs = []
        self.contents = []
        self.returns = 0
        self.joining = None
        self.last = asyncio.Event()

    async def run(self):
        while True:
            try:
                async with connect(self.stack, self.token, self.place) as client:
                    await self.listen(client)
            except LOST:
                await asyncio.sleep(0.05)

    async def listen(self, client):
        self.returns += client.is_back
        for event in client.missed:
            self.note(event)
        # What was asked for and not answered may never have been heard.
        if not (client.is_back and self.has_joined):
            place = {"stream_id": self.stream, "last_seq": self.seqs[-1] if self.seqs else 0}
            self.joining = (client, await client.emit("chat:join", place))
        while True:
            self.note(await client.event())

    @property
    def has_joined(self):
        return self.joining is not None and self.joining[1] in self.joining[0].answered

    def note(self, event):
        if event[0] != "chat:message":
            return
        self.seqs.append(event[1]["seq"])
        self.contents.append(event[1]["message"])
        if event[1]["message"] == "last":
            self.last.set()


class Speaker:
    def __init__(self, stack, token, stream, name):
        self.stack, self.token, self.stream, self.name = stack, token, stream, name
        self.said = 0
        self.confirmed = []

    async def run(self):
        while True:
            try:
                async with connect(self.stack, self.token, {}) as client:
                    await client.call("chat:join", {"stream_id": self.stream})
                    while True:
                        await self.say(client)
            except LOST:
                await asyncio.sleep(0.05)

    async def say(self, client):
        self.said += 1
        content = f"{self.name}-{self.said}"
        answer = await client.call("chat:message", {"stream_id": self.stream, "message": content})
        if answer["status"] == "ok":
            self.confirmed.append((answer["seq"], content))


UNLIMITED = {"CHAT_MESSAGES_PER_SECOND": "0", "CHAT_MESSAGES_PER_MINUTE": "0"}


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_who_comes_back_after_a_restart_misses_nothing(stack, token, database, end, request):
    settings = dict(UNLIMITED)
    if database == "postgres":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    name = "realtime-gateway"

    def restart(with_signal, settings=settings):
        stack.stop_service(name, with_signal=with_signal)
        stack.start_service(name, dies_with_parent=True, settings=settings)
        stack.wait_until_ready(name)

    async def run():
        stream = f"stream_{uuid.uuid4().hex[:8]}"
        listeners = [Listener(stack, token(f"listener-{n}"), stream) for n in range(2)]
        speakers = [Speaker(stack, token(f"speaker-{n}"), stream, f"s{n}") for n in range(SPEAKERS)]

        async def say_last():
            async with connect(stack, token("closer"), {}) as client:
                await client.call("chat:join", {"stream_id": stream})
                await client.call("chat:message", {"stream_id": stream, "message": "last"})

        await talk.over_restarts(listeners, speakers, lambda: restart(end), KILLS, say_last)
        return listeners, speakers

    restart(signal.SIGTERM)
    try:
        listeners, speakers = asyncio.run(run())
    finally:
        restart(signal.SIGTERM, None)
    assert sum(listener.returns for listener in listeners) >= 1, "nobody was put back"
    talk.assert_all_was_heard(listeners, speakers)


def test_who_loses_a_connection_is_put_back(stack, token):
    """Missed events come before the answer, under the same sid; after a clean disconnect there is no way back."""

    async def run():
        stream = f"stream_{uuid.uuid4().hex[:8]}"
        place = {}
        async with connect(stack, token("alice"), place) as client:
            await client.call("chat:join", {"stream_id": stream})
            first = client.sid
            client.socket.transport.abort()
        async with connect(stack, token("bob"), {}) as other:
            await other.call("chat:join", {"stream_id": stream})
            for number in range(3):
                await other.call("chat:message", {"stream_id": stream, "message": f"{number}"})
        async with connect(stack, token("alice"), place) as client:
            assert client.sid == first
            assert [event[1]["message"] for event in client.missed if event[0] == "chat:message"] == ["0", "1", "2"]
            assert (await client.call("chat:message", {"stream_id": stream, "message": "here"}))["status"] == "ok"
            await client.socket.send("41")
            await asyncio.sleep(0)
        async with connect(stack, token("alice"), place) as client:
            assert client.sid != first and not client.missed

    asyncio.run(run())


def test_who_was_banned_meanwhile_is_told_nothing(stack, token):
    async def run():
        stream = f"stream_{uuid.uuid4().hex[:8]}"
        place = {}
        async with connect(stack, token("alice"), place) as client:
            await client.call("chat:join", {"stream_id": stream})
            first = client.sid
            client.socket.transport.abort()
        async with connect(stack, token("mod", "--role", "moderator"), {}) as moderator:
            await moderator.call("chat:join", {"stream_id": stream})
            ban = {"stream_id": stream, "target_user_id": "alice", "duration": None}
            assert (await moderator.call("moderation:ban", ban))["status"] == "ok"
            await moderator.call("chat:message", {"stream_id": stream, "message": "without alice"})
        async with connect(stack, token("alice"), place) as client:
            assert client.sid != first and not client.missed

    asyncio.run(run())
