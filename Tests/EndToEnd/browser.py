"""A headless Chromium, driven over the DevTools protocol."""

import asyncio
import contextlib
import itertools
import json
import shutil
import subprocess
import tempfile

import websockets


class Page:
    def __init__(self, socket):
        self.socket = socket
        self.numbers = itertools.count(1)

    async def command(self, method, **parameters):
        number = next(self.numbers)
        await self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 60))
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    async def open(self, url):
        """Goes to `url`; returns when it has loaded."""
        await self.command("Page.enable")
        await self.command("Page.navigate", url=url)
        while json.loads(await asyncio.wait_for(self.socket.recv(), 60)).get("method") != "Page.loadEventFired":
            pass

    async def evaluate(self, expression):
        """The value of a JavaScript expression; a promise is awaited."""
        result = await self.command(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")


@contextlib.asynccontextmanager
async def open_page(url):
    profile = tempfile.mkdtemp(prefix="martlet-chromium-")
    browser = subprocess.Popen(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio",
         "--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )
    try:
        endpoint = await asyncio.to_thread(devtools_endpoint, browser)
        async with websockets.connect(endpoint, max_size=None, ping_interval=None) as socket:
            page = Page(socket)
            await page.open(url)
            yield page
    finally:
        browser.kill()
        browser.wait()
        shutil.rmtree(profile, ignore_errors=True)


def devtools_endpoint(browser):
    """The WebSocket address of the browser's first page, from what it says on stderr."""
    import urllib.request

    for line in browser.stderr:
        if "DevTools listening on" in line:
            port = line.split("ws://127.0.0.1:")[1].split("/")[0]
            break
    else:
        raise AssertionError("chromium ended without a DevTools port")
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=20) as answer:
            pages = [target for target in json.load(answer) if target["type"] == "page"]
        if pages:
            return pages[0]["webSocketDebuggerUrl"]
