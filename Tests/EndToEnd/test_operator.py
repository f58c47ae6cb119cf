"""The operator's commands, on the running stack."""

import json
import subprocess
import os
import uuid

import bus
from operator_cli import run


def test_publish_and_tail(stack, backend):
    event = bus.envelope("realtime.broadcast", {"topic": "chat:room:1", "event": "hello", "payload": {"n": 1}})
    tail = subprocess.Popen(
        [stack.binaries / "martlet", "events", "tail", "realtime.#", "--json", "--count", "1"],
        env=os.environ | stack.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        # It says on stderr that it listens; only then is there something to hear.
        assert "realtime.#" in tail.stderr.readline()
        published = run(stack, "publish", "-", stdin=json.dumps(event))
        assert event["event_id"] in published.stdout
        assert json.loads(tail.communicate(timeout=30)[0]) == event
    finally:
        tail.kill()


def test_validate_names_each_mistake_by_its_path(stack):
    event = bus.uploaded("/a.mp4", file_size="big")
    result = run(stack, "validate", "-", stdin=json.dumps(event), check=False)
    assert result.returncode != 0
    assert "payload.file_size: expected integer, got string" in result.stdout + result.stderr
    assert run(stack, "validate", "-", stdin=json.dumps(bus.uploaded("/a.mp4"))).returncode == 0


def test_publish_refuses_what_no_service_would_take(stack):
    event = bus.envelope("media.exploded", {"media_id": str(uuid.uuid4())})
    result = run(stack, "publish", "-", stdin=json.dumps(event), check=False)
    assert result.returncode != 0
    assert "media.exploded" in result.stderr


def test_every_program_explains_itself(stack):
    for name in [*stack.services, "martlet"]:
        text = subprocess.run([stack.binaries / name, "--help"], capture_output=True, text=True, check=True).stdout
        assert name in text and "AMQP_URL" in text


def test_a_bad_setting_stops_the_start_in_one_line(stack):
    for name in stack.services:
        environment = os.environ | stack.environment | stack.services[name] | {"DRAIN_SECONDS": "soon"}
        result = subprocess.run([stack.binaries / name, "--check-config"], env=environment, capture_output=True, text=True)
        assert result.returncode != 0
        assert len(result.stderr.strip().splitlines()) == 1
        assert "DRAIN_SECONDS" in result.stderr and "soon" in result.stderr


def test_the_settings_of_the_stack_reach_its_management_api(stack):
    assert "is as the suite declares it" in run(stack, "topology", "verify").stdout
