"""kill -9 of the gateway while people talk: what was confirmed is there, once, in order, and nobody who comes back misses a
message or sees one twice."""

import asyncio
import signal
import uuid

import phoenix
import pytest
import talk
from websockets.exceptions import WebSocketException

SPEAKERS = 4
KILLS = 3
LOST = (WebSocketException, OSError, asyncio.TimeoutError)


class Listener:
    """Comes back with the last seq that it has seen, and notes every message."""

    def __init__(self, stack, token, topic):
        self.stack, self.token, self.topic = stack, token, topic
        self.seqs = []
        self.contents = []
        self.unrecovered = 0
        self.last = asyncio.Event()

    async def run(self):
        while True:
            try:
                async with phoenix.connect(self.stack, self.token) as client:
                    await self.listen(client)
            except LOST:
                await asyncio.sleep(0.05)

    async def listen(self, client):
        answer = await client.join(self.topic, {"last_seq": self.seqs[-1] if self.seqs else 0})
        self.unrecovered += not answer["response"]["recovered"]
        while True:
            message = await client.event("new_message", self.topic)
            self.seqs.append(message["seq"])
            self.contents.append(message["content"])
            if message["content"] == "last":
                self.last.set()


class Speaker:
    """Says one thing after the other; what is not confirmed is not said again."""

    def __init__(self, stack, token, topic, name):
        self.stack, self.token, self.topic, self.name = stack, token, topic, name
        self.said = 0
        self.confirmed = []

    async def run(self):
        while True:
            try:
                async with phoenix.connect(self.stack, self.token) as client:
                    await client.join(self.topic)
                    while True:
                        await self.say(client)
            except LOST:
                await asyncio.sleep(0.05)

    async def say(self, client):
        self.said += 1
        content = f"{self.name}-{self.said}"
        answer = await client.request(self.topic, "new_message", {"content": content})
        assert answer["status"] == "ok", answer
        self.confirmed.append((answer["response"]["seq"], content))


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_confirmed_messages_survive_the_gateway(stack, token, database, request):
    settings = {"DATABASE_URL": request.getfixturevalue("postgres_url")} if database == "postgres" else None
    name = "realtime-gateway"

    def restart(with_signal=signal.SIGKILL):
        stack.stop_service(name, with_signal=with_signal)
        stack.start_service(name, dies_with_parent=True, settings=settings)
        stack.wait_until_ready(name)

    async def run():
        topic = f"chat:room:{uuid.uuid4()}"
        listeners = [Listener(stack, token("listener"), topic) for _ in range(2)]
        speakers = [Speaker(stack, token(f"speaker-{n}"), topic, f"s{n}") for n in range(SPEAKERS)]

        async def say_last():
            async with phoenix.connect(stack, token("closer")) as client:
                await client.join(topic)
                await client.request(topic, "new_message", {"content": "last"})

        await talk.over_restarts(listeners, speakers, restart, KILLS, say_last)
        return listeners, speakers

    restart(signal.SIGTERM)
    try:
        listeners, speakers = asyncio.run(run())
    finally:
        settings = None
        restart(signal.SIGTERM)
    assert all(listener.unrecovered == 0 for listener in listeners)
    assert all(len(speaker.confirmed) >= talk.CONFIRMED_BETWEEN * KILLS for speaker in speakers)
    talk.assert_all_was_heard(listeners, speakers)
