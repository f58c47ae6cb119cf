"""What an operator sees of the gateway: numbers for everybody, names for who has the key, and a page that stays current."""

import asyncio
import uuid

import browser
import phoenix
import requests


def test_everything_published_is_accounted_for(stack, token):
    url = f"{stack.environment['GATEWAY_URL']}/status"

    def chat():
        return requests.get(url, timeout=10).json()["deliveries"].get("chat", {"due": 0, "delivered": 0})

    async def talk():
        topic = f"chat:room:{uuid.uuid4()}"
        before = chat()
        async with phoenix.connect(stack, token("alice")) as alice, phoenix.connect(stack, token("bob"), "1.0.0") as bob:
            for client in (alice, bob):
                await client.join(topic)
            for number in range(5):
                await alice.request(topic, "new_message", {"content": str(number)})
                await bob.event("new_message", topic)
            facts = requests.get(url, timeout=10).json()
            key = {"X-WebSocket-API-Key": stack.environment["API_KEY"]}
            topics = requests.get(f"{url}/topics", headers=key, timeout=10).json()["topics"]
            return before, chat(), facts, topics, topic

    before, after, facts, topics, topic = asyncio.run(talk())
    assert after["due"] - before["due"] == after["delivered"] - before["delivered"] == 10
    assert after["waiting"] == 0
    assert facts["status"] == "operational"
    assert facts["websocket"]["active_connections"] >= 2
    assert facts["websocket"]["events_per_minute"] >= 5
    assert {"topic": topic, "subscribers": 2} in topics
    assert topic not in str(facts)
    assert requests.get(f"{url}/topics", timeout=10).status_code == 401


def test_the_page_shows_it(stack, token):
    async def look():
        topic = f"chat:room:{uuid.uuid4()}"
        async with phoenix.connect(stack, token("alice")) as alice:
            await alice.join(topic)
            async with browser.open_page(f"{stack.environment['GATEWAY_URL']}/status") as page:
                shown = "new Promise((resolve) => {{ const look = () => {0} ? resolve({0}) : setTimeout(look, 50); look() }})"
                state = await page.evaluate(shown.format("document.querySelector('#state[data-state=open]')?.textContent"))
                await page.evaluate(f"document.querySelector('#key').value = {stack.environment['API_KEY']!r}")
                await page.evaluate("document.querySelector('#unlock').requestSubmit()")
                row = f"[...document.querySelectorAll('#topics td')].find((cell) => cell.textContent === {topic!r})?.textContent"
                return state, await page.evaluate(shown.format(row)), topic

    state, row, topic = asyncio.run(look())
    assert state == "Operational"
    assert row == topic
