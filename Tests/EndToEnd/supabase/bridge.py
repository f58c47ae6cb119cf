"""Supabase's client on a pipe: does what each line of its input says, and tells what happens to it, a JSON object a line."""

import asyncio
import json
import sys

from realtime import AsyncRealtimeChannel, AsyncRealtimeClient


def tell(happening, **facts):
    print(json.dumps({"happening": happening, **facts}), flush=True)


class Bridge:
    def __init__(self, url, token):
        # The gateway wants the token as `token`; the client's own parameter is called `apikey`.
        self.client = AsyncRealtimeClient(url, params={"token": token}, initial_backoff=0.2, max_retries=9)

    async def subscribe(self, topic, is_raw):
        """Joins `topic` as it is, where the client would put `realtime:` before it."""
        if is_raw:
            channel = self.client.channels[topic] = AsyncRealtimeChannel(self.client, topic)
        else:
            channel = self.client.channel(topic)
        topic = channel.topic
        channel.on_broadcast("*", lambda payload: tell("broadcast", topic=topic, payload=payload))
        channel.on_presence_sync(lambda: tell("presence", topic=topic, users=sorted(channel.presence_state())))
        await channel.subscribe(lambda state, error: tell(state.value, topic=topic, error=str(error or "")))

    async def push(self, topic, event, payload):
        push = await self.client.channels[topic].push(event, payload)
        push.receive("ok", lambda response: tell("ok", event=event))
        push.receive("error", lambda response: tell("error", event=event, response=response))
        push.receive("timeout", lambda: tell("timeout", event=event))

    async def broadcast(self, topic, event, data):
        await self.client.channels[topic].send_broadcast(event, data)

    async def refresh(self, token):
        self.client.params["token"] = token
        await self.client.set_auth(token)
        tell("refreshed")

    async def unsubscribe(self, topic):
        await self.client.channels[topic].unsubscribe()

    async def run(self):
        await self.client.connect()
        tell("connected")
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            command = json.loads(line)
            await getattr(self, command.pop("do"))(**command)
        await self.client.close()


asyncio.run(Bridge(*sys.argv[1:]).run())
