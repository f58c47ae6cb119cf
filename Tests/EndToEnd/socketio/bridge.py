"""Socket.IO's client for Python on a pipe: does what each line of its input says, and tells what came of it.

A line is a JSON object, and so is its answer; bytes go as {"bytes": [1, 2]}.
"""

import asyncio
import json
import sys

import socketio


def plain(value):
    """A value with its bytes as JSON can say them."""
    if isinstance(value, bytes):
        return {"bytes": list(value)}
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    if isinstance(value, dict):
        return {key: plain(element) for key, element in value.items()}
    return value


def rich(value):
    if isinstance(value, dict) and set(value) == {"bytes"}:
        return bytes(value["bytes"])
    if isinstance(value, list):
        return [rich(element) for element in value]
    if isinstance(value, dict):
        return {key: rich(element) for key, element in value.items()}
    return value


class Bridge:
    def __init__(self, url):
        self.url = url
        self.client = socketio.AsyncClient(reconnection=False)
        self.events = asyncio.Queue()
        self.client.on("*", self.heard, namespace="*")

    def heard(self, event, namespace, *arguments):
        self.events.put_nowait([event, namespace, *arguments])

    async def connect(self, transports, namespaces, auth=None):
        await self.client.connect(self.url, auth=auth, transports=transports, namespaces=namespaces)
        return self.client.transport()

    async def emit(self, event, arguments, namespace="/"):
        await self.client.emit(event, tuple(rich(arguments)), namespace=namespace)

    async def call(self, event, arguments, namespace="/"):
        return await self.client.call(event, tuple(rich(arguments)), namespace=namespace, timeout=20)

    async def event(self):
        return await asyncio.wait_for(self.events.get(), 20)

    async def transport(self):
        return self.client.transport()

    async def disconnect(self):
        await self.client.disconnect()


async def main():
    bridge = Bridge(sys.argv[1])
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        try:
            answer = {"answer": plain(await getattr(bridge, command.pop("do"))(**command))}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


asyncio.run(main())
