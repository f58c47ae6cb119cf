"""Supabase's client for Python, which nobody here wrote, talks to the gateway: version 1.0.0, with its own habits."""

import asyncio
import uuid

import bus
import phoenix
import pytest
import supabase_client


@pytest.fixture
def room():
    return uuid.uuid4().hex[:8]


@pytest.fixture
def connect(stack):
    return lambda token: supabase_client.connect(stack.environment["GATEWAY_URL"] + "/socket", token)


def heard_by_phoenix(stack, token, room, act):
    """The message that another client hears once `act` has been done."""
    async def listen():
        async with phoenix.connect(stack, token) as client:
            await client.join(f"chat:room:{room}")
            await asyncio.get_running_loop().run_in_executor(None, act)
            return await client.event("new_message", f"chat:room:{room}")

    return asyncio.run(listen())


def test_it_joins_sends_and_leaves(stack, token, connect, room):
    topic = f"chat:room:{room}"
    with connect(token("alice")) as client:
        client.do("subscribe", topic=topic, is_raw=True)
        client.wait_for("SUBSCRIBED", topic=topic)

        def say():
            client.do("push", topic=topic, event="new_message", payload={"content": "from Supabase"})
            client.wait_for("ok", event="new_message")

        heard = heard_by_phoenix(stack, token("bob"), room, say)
        assert (heard["content"], heard["user_id"]) == ("from Supabase", "alice")
        client.do("push", topic=topic, event="new_message", payload={"content": ""})
        assert client.wait_for("error", event="new_message")["response"]["reason"] == "invalid_content"
        client.do("unsubscribe", topic=topic)
        client.wait_for("CLOSED", topic=topic)


def test_it_hears_what_backends_broadcast_and_who_is_there(backend, token, connect, room):
    topic = f"chat:room:{room}"
    with connect(token("alice")) as client, connect(token("bob")) as other:
        for one in (client, other):
            one.do("subscribe", topic=topic, is_raw=True)
            one.wait_for("SUBSCRIBED", topic=topic)
            one.do("subscribe", topic=f"presence:room:{room}", is_raw=True)
            one.wait_for("SUBSCRIBED", topic=f"presence:room:{room}")
        client.wait_for("presence", users=["alice", "bob"])
        payload = {"type": "broadcast", "event": "sale", "payload": {"until": "noon"}}
        backend.publish(bus.envelope("realtime.broadcast", {"topic": topic, "event": "broadcast", "payload": payload}))
        for one in (client, other):
            heard = one.wait_for("broadcast", topic=topic)["payload"]
            assert (heard["event"], heard["payload"]) == ("sale", {"until": "noon"})
        other.process.kill()
        client.wait_for("presence", users=["alice"])


def test_its_new_token_keeps_the_connection(stack, token, connect, room):
    topic = f"chat:room:{room}"
    first = token("alice", "--ttl", "6s")

    async def outlive_the_first():
        # Ends later than the first would have, whichever second the gateway looks at it.
        async with phoenix.connect(stack, token("alice", "--ttl", "9s")) as control:
            client.do("refresh", token=token("alice"))
            await asyncio.wait_for(control.socket.wait_closed(), 60)
            return control.socket.close_code

    with connect(first) as client:
        client.do("subscribe", topic=topic, is_raw=True)
        client.wait_for("SUBSCRIBED", topic=topic)
        assert asyncio.run(outlive_the_first()) == 1008
        client.do("push", topic=topic, event="new_message", payload={"content": "still here"})
        client.wait_for("ok", event="new_message")
        # It was never away.
        assert [kept for kept in client.kept if kept["happening"] in ("SUBSCRIBED", "CHANNEL_ERROR")] == []


def test_it_comes_back_after_a_restart(stack, restarted, token, connect, room):
    topic = f"chat:room:{room}"
    with connect(token("alice")) as client:
        client.do("subscribe", topic=topic, is_raw=True)
        client.wait_for("SUBSCRIBED", topic=topic)
        with restarted("realtime-gateway"):
            client.wait_for("CHANNEL_ERROR", topic=topic)
            client.wait_for("SUBSCRIBED", topic=topic)

            def say():
                client.do("push", topic=topic, event="new_message", payload={"content": "back"})
                client.wait_for("ok", event="new_message")

            assert heard_by_phoenix(stack, token("bob"), room, say)["content"] == "back"
