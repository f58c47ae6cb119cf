"""What a Socket.IO client that polls costs the gateway: resident memory of each whose poll waits.

    polling.py [--rounds N] [--clients N] [--no-record]

Each of the clients shows a token of its own, is in one namespace and on one topic, and has one connection, on which its poll
waits. Needs the release build, a C compiler and RabbitMQ; starts and stops all it needs. PORT_OFFSET moves the ports.
"""

import argparse
import json
import resource
import socket
import sys
import time

import fanout
import results
from fanout import running_gateway, spread

PATH = "/socket.io/?EIO=4&transport=polling"
# No pings while it is measured: they are as seldom as may be.
SETTINGS = {"SOCKETIO_PING_INTERVAL": "600"}


class Client:
    """One client, on one connection."""

    def __init__(self, port, token):
        self.connection = socket.create_connection(("127.0.0.1", port), 10)
        self.rest = b""
        self.path = PATH
        self.path += "&sid=" + json.loads(self.get()[1:])["sid"]
        body = '40{"token":"%s","app_id":"bench"}' % token
        self.send("POST", body)
        if self.receive() != "ok":
            sys.exit("polling.py: a packet was not taken")
        packets = self.get()
        while '"authenticated"' not in packets:
            packets += self.get()
        self.send("GET")

    def send(self, method, body=""):
        head = f"{method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        self.connection.sendall((head + body).encode())

    def get(self):
        self.send("GET")
        return self.receive()

    def receive(self):
        """The body of the next answer, which has to be a good one."""
        while b"\r\n\r\n" not in self.rest:
            self.read()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"polling.py: {head.decode()} {self.rest.decode()}")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields[b"content-length"])
        while len(self.rest) < length:
            self.read()
        body, self.rest = self.rest[:length], self.rest[length:]
        return body.decode()

    def read(self):
        data = self.connection.recv(65536)
        if not data:
            sys.exit("polling.py: the gateway closed a connection")
        self.rest += data


def resident(pid):
    """VmRSS in bytes, once the process rests for a second."""
    used = lambda: sum(int(word) for word in open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13])
    for _ in range(20):
        before = used()
        time.sleep(1)
        if used() == before:
            break
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) * 1024


def measure(options, stack):
    """Bytes per client, one figure per round, each of a fresh process."""
    tokens = [fanout.token(stack.environment["JWT_SECRET"], f"user-{number}") for number in range(options.clients + 1)]
    figures = []
    for _ in range(options.rounds):
        with running_gateway(stack, SETTINGS) as pid:
            # What is made once is no client's.
            first = Client(stack.gateway_port, tokens[0])
            before = resident(pid)
            clients = [Client(stack.gateway_port, token) for token in tokens[1:]]
            figures.append((resident(pid) - before) / options.clients)
            print(f"{figures[-1]:,.0f} bytes each", flush=True)
            for client in [first, *clients]:
                client.connection.close()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--no-record", action="store_true", help="print only, and leave RESULTS.md as it is")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with fanout.bench() as (stack, _, _):
        figures = measure(options, stack)
    results.report(f"polling, {options.clients:,} clients, {options.rounds} rounds", [
        results.table(["clients with a poll that waits", "bytes each"], [[f"{options.clients:,}", spread(figures, "{:,.0f}")]]),
    ])


if __name__ == "__main__":
    main()
