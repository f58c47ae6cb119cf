"""`martlet topology`, `dead-letters`, `events replay` and `doctor` against a broker of their own, with its management API."""

import base64
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

import pika
import pytest
import requests

import bus
from conftest import BINARIES, OFFSET, REPOSITORY

SCRIPT = REPOSITORY / "deploy/local/rabbitmq.sh"
PORT = 5680 + OFFSET + 300
WORK = "media.process"
PARKING = "media.process.parking"


class Broker:
    """A broker, and one virtual host of it at a time."""

    def __init__(self, folder):
        self.folder = folder
        self.api = f"http://127.0.0.1:{PORT + 5000}"
        self.host = "/"

    def start(self):
        self.script("start", str(self.folder), str(PORT), "--watch", str(os.getpid()), "--management")

    def script(self, *arguments):
        # A file and no pipe: the broker inherits it, and a pipe would stay open as long as it runs.
        with tempfile.TemporaryFile() as output:
            result = subprocess.run([SCRIPT, *arguments], stdout=output, stderr=subprocess.STDOUT)
            output.seek(0)
            assert result.returncode == 0, output.read().decode()

    def ctl(self, *arguments):
        self.script("ctl", str(self.folder), *arguments)

    def url(self, user="guest"):
        return f"amqp://{user}:{user}@127.0.0.1:{PORT}/{urllib.parse.quote(self.host, safe='')}"

    def call(self, method, *path, body=None):
        path = "/".join(urllib.parse.quote(part, safe="") for part in path)
        answer = requests.request(method, f"{self.api}/api/{path}", auth=("guest", "guest"), json=body, timeout=20)
        answer.raise_for_status()
        return answer

    def martlet(self, *arguments, check=True, user="guest", **environment):
        settings = {"AMQP_URL": self.url(user), "RABBITMQ_MANAGEMENT_URL": self.api}
        clean = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "OBJECT_STORE_URL")}
        return subprocess.run(
            [BINARIES / "martlet", *arguments], env=clean | settings | environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=check,
        )

    def channel(self):
        connection = pika.BlockingConnection(pika.URLParameters(self.url()))
        channel = connection.channel()
        channel.confirm_delivery()
        return channel

    def take(self, queue):
        """All messages of a queue, taken out: (properties, body)."""
        channel, taken = self.channel(), []
        while True:
            method, properties, body = channel.basic_get(queue, auto_ack=True)
            if method is None:
                channel.connection.close()
                return taken
            # The broker's own note on this very basic.get.
            (properties.headers or {}).pop("x-delivery-count", None)
            taken.append((properties, body))

    def park(self, count, reason="disk full", body=None, properties=None, **headers):
        """Messages as a service parks them; their ids."""
        channel, ids = self.channel(), []
        for _ in range(count):
            event = bus.uploaded("/a.mp4")
            ids.append(event["event_id"])
            all_properties = pika.BasicProperties(
                content_type="application/json", delivery_mode=2, message_id=event["event_id"], type=event["event_type"],
                headers={"x-attempt": 8, "x-parked-from": WORK, "x-parked-reason": reason,
                         "x-parked-at": "2024-01-01T00:00:00Z", "traceparent": "00-1"} | headers,
                **(properties or {}),
            )
            channel.basic_publish("parking", WORK, body or json.dumps(event).encode(), all_properties, mandatory=True)
        channel.connection.close()
        return ids

    def listed(self, *arguments):
        lines = self.martlet("dead-letters", "list", "--json", *arguments).stdout.splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def server():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-operator-"))
    broker = Broker(folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.script("stop", str(folder))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty(server):
    """A virtual host with nothing in it."""
    server.host = f"test-{time.monotonic_ns()}"
    server.call("PUT", "vhosts", server.host)
    server.call("PUT", "permissions", server.host, "guest", body={"configure": ".*", "write": ".*", "read": ".*"})
    yield server
    server.call("DELETE", "vhosts", server.host)
    server.host = "/"


@pytest.fixture
def broker(empty):
    """A virtual host with the topology of the suite."""
    empty.martlet("topology", "apply")
    return empty


# Topology


def test_an_empty_broker_is_planned_applied_and_verified(empty):
    plan = empty.martlet("topology", "plan").stdout
    assert "+ exchange events is missing" in plan
    assert "+ policy work.media.process is missing" in plan
    assert "+ binding events -- media.uploaded --> media.process is missing" in plan
    assert empty.martlet("topology", "verify", check=False).returncode == 1
    dry = empty.martlet("topology", "apply", "--dry-run").stdout
    assert "would make: queue media.process is missing" in dry
    assert empty.call("GET", "queues", empty.host).json() == []
    applied = empty.martlet("topology", "apply").stdout
    assert "queue media.process is made" in applied
    assert "is as the suite declares it" in empty.martlet("topology", "verify").stdout
    assert json.loads(empty.martlet("topology", "verify", "--json").stdout)["differs"] is False


def test_what_services_declare_themselves_is_the_same(broker):
    """The services' own declaration of the same things is not refused."""
    event = bus.envelope("realtime.broadcast", {"topic": "chat:room:1", "event": "e", "payload": {}})
    path = broker.folder / "event.json"
    path.write_text(json.dumps(event))
    assert event["event_id"] in broker.martlet("publish", str(path)).stdout


def test_a_broker_that_loaded_the_definitions_does_not_differ(server):
    assert "is as the suite declares it" in server.martlet("topology", "verify", "--strict").stdout


def test_drift_is_told_in_words_and_mended_where_it_can_be(broker):
    host = broker.host
    policy = broker.call("GET", "policies", host, "work.media.process").json()
    policy["definition"]["delivery-limit"] = 5
    broker.call("PUT", "policies", host, "work.media.process", body=policy)
    broker.call("DELETE", "policies", host, "parking")
    broker.call("DELETE", "bindings", host, "e", "events", "q", WORK, "media.uploaded")
    broker.call("POST", "bindings", host, "e", "events", "q", WORK, body={"routing_key": "stray.#"})
    broker.call("DELETE", "queues", host, "notify.sms")
    broker.call("PUT", "queues", host, "notify.sms", body={"durable": True, "arguments": {"x-queue-type": "classic"}})
    broker.call("DELETE", "exchanges", host, "notify")
    broker.call("PUT", "exchanges", host, "notify", body={"type": "topic", "durable": True})

    result = broker.martlet("topology", "verify", check=False)
    assert result.returncode == 1
    for line in [
        "~ policy work.media.process: delivery-limit is 5, should be 20",
        "+ policy parking is missing",
        "+ binding events -- media.uploaded --> media.process is missing",
        "? binding events -- stray.# --> media.process is not of the suite",
        "~ queue notify.sms: x-queue-type is classic, should be quorum",
        "~ exchange notify: alternate-exchange is not set, should be events.unrouted",
    ]:
        assert line in result.stdout, result.stdout
    differences = json.loads(broker.martlet("topology", "plan", "--json").stdout)["differences"]
    drift = next(one for one in differences if one["name"] == "work.media.process")
    assert (drift["field"], drift["actual"], drift["expected"], drift["remedy"]) == ("delivery-limit", 5, 20, "apply")

    applied = broker.martlet("topology", "apply", check=False)
    assert applied.returncode == 1, "two things only a person can mend"
    left = [line for line in applied.stdout.splitlines() if line[:2] in ("+ ", "~ ", "? ")]
    assert sorted(line.split(":")[0] for line in left) == [
        "? binding events -- stray.# --> media.process is not of the suite", "~ exchange notify", "~ queue notify.sms",
    ]
    assert "delete it" in applied.stdout
    assert broker.call("GET", "queues", host, "notify.sms").json()["type"] == "classic", "not touched"


def test_a_policy_that_takes_ours_out_of_effect_is_noticed(broker):
    body = {"pattern": "^media", "apply-to": "queues", "priority": 99, "definition": {"max-length": 1}}
    broker.call("PUT", "policies", broker.host, "ours-now", body=body)
    result = broker.martlet("topology", "verify", check=False)
    assert result.returncode == 1
    assert "queue media.process: policy in effect is ours-now, should be work.media.process" in result.stdout


def test_without_the_management_api_one_line_says_how_to_get_it(broker):
    result = broker.martlet("topology", "plan", "--management-url", "http://127.0.0.1:1", check=False)
    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "rabbitmq-plugins enable rabbitmq_management" in result.stderr


@pytest.mark.parametrize("behaviour, complaint", [
    ("redirect", "refuses: 302"), ("page", "does not answer as RabbitMQ does"), ("drip", "cannot be reached"),
])
def test_what_is_no_management_api_is_told_in_one_line(broker, behaviour, complaint):
    asked = []

    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(302 if behaviour == "redirect" else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            try:
                self.wfile.write(b"<html>")
                # A byte now and then keeps every timeout of silence away.
                while behaviour == "drip" and not done.wait(0.5):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            except OSError:
                pass

        def log_message(self, *_):
            pass

    done = threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        result = broker.martlet("topology", "plan", "--management-url", f"http://127.0.0.1:{server.server_port}", check=False)
    finally:
        done.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert result.returncode == 1 and complaint in result.stderr, result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert len(asked) == 1 and "elsewhere" not in asked[0]


# Dead letters


def test_looking_leaves_everything_as_it_was(broker):
    ids = broker.park(260)
    assert [letter["event_id"] for letter in broker.listed()] == ids
    # A part of it, twice: the first time nothing was handed out before, the second time all was.
    assert [letter["event_id"] for letter in broker.listed("--limit", "3")] == ids[:3]
    broker.martlet("dead-letters", "show", ids[7])
    table = broker.martlet("dead-letters", "list", "--limit", "2").stdout.splitlines()
    assert table[0].split()[0] == "PARKED"
    assert table[1].split()[:4] == ["2024-01-01T00:00:00Z", WORK, "media.uploaded", ids[0]]
    assert [properties.message_id for properties, _ in broker.take(PARKING)] == ids


def test_filters(broker):
    full, poison = broker.park(3), broker.park(2, reason="poison", **{"x-parked-at": "2999-01-01T00:00:00Z"})
    assert [one["event_id"] for one in broker.listed("--reason", "POIS")] == poison
    assert [one["event_id"] for one in broker.listed("--older-than", "1d")] == full
    assert [one["event_id"] for one in broker.listed("--event-id", full[1])] == [full[1]]
    assert broker.listed("--type", "media.ready") == []
    assert broker.listed("--queue", "notify.email") == []
    missing = broker.martlet("dead-letters", "list", "--queue", "nowhere", check=False)
    assert missing.returncode == 1 and "there is no queue nowhere.parking" in missing.stderr


def test_show_tells_everything(broker):
    [id] = broker.park(1, reason="why \x1b[2J")
    text = broker.martlet("dead-letters", "show", id).stdout
    assert "parked from: media.process" in text and "header traceparent: 00-1" in text and '"media.uploaded"' in text
    assert "\x1b" not in text
    record = json.loads(broker.martlet("dead-letters", "show", id, "--json").stdout)
    assert record["reason"] == "why \x1b[2J" and json.loads(record["body"])["event_id"] == id
    assert broker.martlet("dead-letters", "show", "nobody", check=False).returncode == 1


def test_requeue_gives_a_fresh_start_and_says_who(broker):
    ids = broker.park(5, properties={"reply_to": "answers", "priority": 7, "content_encoding": "identity"})
    unasked = broker.martlet("dead-letters", "requeue", "--event-id", ids[1], check=False)
    assert unasked.returncode == 1 and "--yes" in unasked.stderr
    dry = broker.martlet("dead-letters", "requeue", "--event-id", ids[1], "--dry-run").stdout
    assert dry == f"would requeue {ids[1]} to media.process\n"
    assert broker.take(WORK) == []
    broker.martlet("dead-letters", "requeue", "--event-id", ids[1], "--yes")
    [(properties, body)] = broker.take(WORK)
    assert properties.message_id == ids[1] and json.loads(body)["event_id"] == ids[1]
    assert properties.delivery_mode == 2
    assert (properties.reply_to, properties.priority, properties.content_encoding) == ("answers", 7, "identity")
    headers = properties.headers
    assert set(headers) == {"traceparent", "x-requeued-at", "x-requeued-by", "x-requeued-from"}
    assert headers["x-requeued-from"] == PARKING and "@" in headers["x-requeued-by"]
    assert [one["event_id"] for one in broker.listed()] == [ids[0], *ids[2:]]


def test_requeue_keeps_to_its_rate(broker):
    broker.park(5)
    started = time.monotonic()
    broker.martlet("dead-letters", "requeue", "--yes", "--rate", "4/s")
    assert 1 <= time.monotonic() - started < 10
    assert len(broker.take(WORK)) == 5


def test_requeue_without_the_origin_leaves_all_in_place(broker):
    ids = broker.park(3)
    broker.call("DELETE", "queues", broker.host, WORK)
    result = broker.martlet("dead-letters", "requeue", "--yes", check=False)
    assert result.returncode == 1 and f"{ids[0]} stays in {PARKING}" in result.stderr
    assert [one["event_id"] for one in broker.listed()] == ids


def test_a_requeue_that_is_killed_loses_nothing(broker):
    ids = broker.park(400)
    process = subprocess.Popen(
        [BINARIES / "martlet", "dead-letters", "requeue", "--yes"], env=os.environ | {"AMQP_URL": broker.url()},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    for _ in range(50):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    requeued = [properties.message_id for properties, _ in broker.take(WORK)]
    left = [one["event_id"] for one in broker.listed()]
    assert len(requeued) >= 50 and left
    assert set(requeued) | set(left) == set(ids)
    assert len(set(requeued) & set(left)) <= 1, "at most the one that it was at is there twice"


def test_what_comes_back_while_requeueing_is_not_taken_again(broker):
    broker.park(20)
    channel = broker.channel()

    def give_up(_, method, properties, body):
        channel.basic_publish("parking", WORK, body, properties)
        channel.basic_ack(method.delivery_tag)

    channel.basic_consume(WORK, give_up)
    consumer = threading.Thread(target=channel.start_consuming)
    consumer.start()
    try:
        assert "20 requeued." in broker.martlet("dead-letters", "requeue", "--yes", "--rate", "20/s").stderr
    finally:
        channel.connection.add_callback_threadsafe(channel.stop_consuming)
        consumer.join()
        channel.connection.close()


def test_drop(broker):
    ids = broker.park(4) + broker.park(1, reason="poison")
    assert broker.martlet("dead-letters", "drop", "--reason", "poison", check=False).returncode == 1
    assert "would drop" in broker.martlet("dead-letters", "drop", "--reason", "poison", "--dry-run").stdout
    assert "1 dropped." in broker.martlet("dead-letters", "drop", "--reason", "poison", "--yes").stderr
    assert [one["event_id"] for one in broker.listed()] == ids[:4]
    broker.martlet("dead-letters", "drop", "--limit", "3", "--yes")
    assert [one["event_id"] for one in broker.listed()] == ids[3:4]


def test_export_and_replay(broker, tmp_path):
    ids = broker.park(3) + broker.park(1, body=b"\xff\x00\xfe")
    file = tmp_path / "parked.jsonl"
    broker.martlet("dead-letters", "export", str(file))
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert [record["event_id"] for record in records] == ids
    assert base64.b64decode(records[3]["body_base64"]) == b"\xff\x00\xfe"
    assert len(broker.listed()) == 4, "they stay"
    again = broker.martlet("dead-letters", "export", str(file), check=False)
    assert again.returncode == 1 and "there already" in again.stderr

    broker.martlet("events", "replay", str(file), "--to-queue", WORK, "--yes")
    replayed = broker.take(WORK)
    assert [properties.message_id for properties, _ in replayed] == ids
    assert replayed[3][1] == b"\xff\x00\xfe"
    assert all(set(properties.headers) == {"traceparent", "x-replayed-at"} for properties, _ in replayed)

    broker.martlet("events", "replay", str(file), "--to-exchange", "--new-ids", "--limit", "1", "--yes")
    [(properties, body)] = broker.take(WORK)
    assert properties.message_id == json.loads(body)["event_id"] != ids[0]

    bad = tmp_path / "bad.jsonl"
    bad.write_text(file.read_text().splitlines()[0] + "\n{broken\n")
    result = broker.martlet("events", "replay", str(bad), "--to-queue", WORK, "--yes", check=False)
    assert result.returncode == 2 and "line 2" in result.stderr


def test_strays_go_back_to_where_they_were_published(broker):
    channel = broker.channel()
    channel.basic_publish("events", "cart.gone", b"{}", pika.BasicProperties(delivery_mode=2))
    [stray] = broker.listed("--queue", "events.unrouted")
    assert stray["reason"] == "no queue takes cart.gone of exchange events"
    # Nobody takes it yet: it comes back once, and not for ever.
    assert "1 requeued." in broker.martlet("dead-letters", "requeue", "--queue", "events.unrouted", "--yes").stderr
    assert len(broker.listed("--queue", "events.unrouted")) == 1
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "events", "cart.*")
    broker.martlet("dead-letters", "requeue", "--queue", "events.unrouted", "--yes")
    assert channel.basic_get(queue, auto_ack=True)[2] == b"{}"
    channel.connection.close()


def test_the_log_replays_what_was_published_once(broker):
    assert "queue events.log is made" in broker.martlet("topology", "apply", "--with-log").stdout
    broker.martlet("topology", "verify", "--with-log")
    channel = broker.channel()
    events = [bus.envelope("media.uploaded", {"n": n}) for n in range(30)]
    events += [bus.envelope("media.ready", {"n": n}) for n in range(10)]
    for event in events:
        properties = pika.BasicProperties(message_id=event["event_id"], type=event["event_type"], delivery_mode=2)
        channel.basic_publish("events", event["event_type"], json.dumps(event).encode(), properties)
    channel.connection.close()
    assert len(broker.take(WORK)) == 30
    replay = ["events", "replay", "--stream", "events.log", "--yes"]
    broker.martlet(*replay, "--from", "first", "--type", "media.uploaded", "--to-queue", WORK)
    assert [properties.message_id for properties, _ in broker.take(WORK)] == [event["event_id"] for event in events[:30]]
    # Copies land in the log, too, and are not taken for originals.
    assert "40 replayed." in broker.martlet(*replay, "--from", "1h", "--to-exchange").stderr
    assert "40 replayed." in broker.martlet(*replay, "--from", "1h", "--to-exchange").stderr
    future = "2999-01-01T00:00:00Z"
    assert "0 replayed." in broker.martlet(*replay, "--from", future, "--to-queue", WORK).stderr
    assert broker.martlet(*replay, "--to-queue", WORK, check=False).returncode == 64


# Doctor


def findings(broker, *arguments, check=True, **environment):
    result = broker.martlet("doctor", "--json", *arguments, check=check, **environment)
    return json.loads(result.stdout), result.returncode


def of(diagnosis, check, status):
    return [one for one in diagnosis["findings"] if one["check"] == check and one["status"] == status]


def test_doctor_finds_nothing_wrong_where_nothing_is(broker, tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "some.db").touch()
    diagnosis, code = findings(
        broker, "--rabbitmqctl", f"{SCRIPT} ctl {broker.folder}", DATABASE_URL=f"sqlite://{tmp_path}/some.db",
        OBJECT_STORE_URL=f"file://{tmp_path}/media",
    )
    assert code == 0 and diagnosis["ok"]
    for check in ["broker", "management", "permissions", "topology", "partitions", "leaders", "alarms", "consumer-timeout",
                  "features", "clock", "parked", "database", "object-store"]:
        assert of(diagnosis, check, "ok"), (check, diagnosis)
    # No service runs here, and the database is new.
    assert {one["check"] for one in diagnosis["findings"] if one["status"] != "ok"} == {"consumers", "database"}
    assert all("mend" in one for one in diagnosis["findings"] if one["status"] != "ok")
    assert list((tmp_path / "media").rglob("*probe*")) == []


def test_doctor_reads_the_tables_of_the_suite(broker, tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "some.db") as database:
        database.execute("CREATE TABLE schema_versions (component TEXT PRIMARY KEY, version BIGINT)")
        database.execute("INSERT INTO schema_versions VALUES ('messaging', 3)")
        database.execute("CREATE TABLE outbox (id BLOB, created_at BIGINT)")
        database.execute("INSERT INTO outbox VALUES (x'00', ?)", [int(time.time() * 1000) - 7_200_000])
    database.close()
    diagnosis, code = findings(
        broker, "--only", "database", check=False, DATABASE_URL=f"sqlite://{tmp_path}/some.db"
    )
    assert code == 1
    assert "messaging 3" in " ".join(one["what"] for one in of(diagnosis, "database", "ok"))
    [old] = of(diagnosis, "database", "fail")
    assert "the outbox holds 1" in old["what"]
    with sqlite3.connect(tmp_path / "some.db") as database:
        assert [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE name LIKE 'martlet%'")] == []


def test_doctor_sees_missing_permissions_and_policies(empty):
    host = empty.host
    empty.martlet("topology", "apply")
    for policy in empty.call("GET", "policies", host).json():
        empty.call("DELETE", "policies", host, policy["name"])
    empty.call("PUT", "users", "weak", body={"password": "weak", "tags": "administrator"})
    empty.call("PUT", "permissions", host, "weak", body={"configure": "^$", "write": "^events$", "read": ".*"})
    diagnosis, code = findings(empty, "--skip", "leaders", check=False, user="weak")
    assert code == 1 and not diagnosis["ok"]
    refused = {one["what"].split(" may not ")[1].split()[0] for one in of(diagnosis, "permissions", "fail")}
    assert refused == {"configure", "write"}
    assert all("rabbitmqctl set_permissions" in one["mend"] for one in of(diagnosis, "permissions", "fail"))
    assert any("policy work.media.process is missing" in one["what"] for one in of(diagnosis, "topology", "fail"))


def test_doctor_sees_an_alarm_and_what_is_parked(broker):
    broker.park(2)
    broker.channel().basic_publish("events", "cart.gone", b"{}", pika.BasicProperties(delivery_mode=2))
    try:
        broker.ctl("set_vm_memory_high_watermark", "0.00001")
        deadline = time.monotonic() + 30
        while not of(diagnosis := findings(broker, "--skip", "leaders", check=False)[0], "alarms", "fail"):
            assert time.monotonic() < deadline, diagnosis
        assert "publishing stands still" in of(diagnosis, "alarms", "fail")[0]["what"]
    finally:
        broker.ctl("set_vm_memory_high_watermark", "absolute", "1GB")
        while any(node["mem_alarm"] for node in broker.call("GET", "nodes").json()):
            time.sleep(0.1)
    what = [one["what"] for one in of(diagnosis, "parked", "warn")]
    assert what == ["2 messages of media.process are parked", "1 message that no queue takes"]


def test_doctor_sees_queues_whose_leader_is_gone_or_says_nothing(broker):
    server = lambda queue: f"list_to_atom(\"{broker.host}_{queue}\")"
    broker.ctl("eval", f"ra:stop_server(quorum_queues, {{{server('media.process')}, node()}}).")
    # What is left of a member that waits for others for ever.
    broker.ctl("eval", f"sys:suspend({server('notify.webhook')}).")
    try:
        diagnosis, code = findings(broker, "--only", "leaders", check=False)
    finally:
        broker.ctl("eval", f"sys:resume({server('notify.webhook')}).")
    assert code == 1
    gone, silent = of(diagnosis, "leaders", "fail")
    assert gone["what"].endswith("have no leader, and stand still: media.process")
    assert silent["what"].endswith("reports nothing, and stand still: notify.webhook")
    broker.ctl("eval", f"ra:restart_server(quorum_queues, {{{server('media.process')}, node()}}).")
    assert findings(broker, "--only", "leaders")[0]["ok"]


def test_doctor_without_the_management_api_warns_and_goes_on(broker):
    result = broker.martlet("doctor", "--management-url", "http://127.0.0.1:1")
    assert "rabbitmq-plugins enable rabbitmq_management" in result.stdout
    assert "not looked at: permissions, topology" in result.stdout
    assert "nothing is parked" in result.stdout


def test_doctor_without_a_broker_fails_in_one_finding(broker):
    diagnosis, code = findings(broker, "--skip", "leaders", "--amqp-url", "amqp://guest:guest@127.0.0.1:1", check=False)
    assert code == 1
    [failure] = [one for one in diagnosis["findings"] if one["status"] == "fail"]
    assert failure["check"] == "broker" and "AMQP_URL" in failure["mend"]


def test_doctor_without_the_tags_to_look_says_which(broker):
    broker.call("PUT", "users", "plain", body={"password": "plain", "tags": ""})
    broker.call("PUT", "permissions", broker.host, "plain", body={"configure": ".*", "write": ".*", "read": ".*"})
    diagnosis, code = findings(broker, user="plain")
    assert code == 0
    [warning] = of(diagnosis, "management", "warn")
    assert "set_user_tags" in warning["mend"]


def test_completion_scripts_know_queues_and_types(server):
    for shell in ("bash", "zsh", "fish"):
        script = server.martlet("--generate-completion-script", shell).stdout
        assert "media.process" in script and "notification.requested" in script
    bash = server.martlet("--generate-completion-script", "bash").stdout
    subprocess.run(["bash", "-n"], input=bash, text=True, check=True)
