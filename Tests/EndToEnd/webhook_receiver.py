"""An HTTP server that takes webhooks and can keep their senders waiting."""

import collections
import http.server
import queue
import threading

Request = collections.namedtuple("Request", "path headers body")


class Receiver:
    def __init__(self):
        self.requests = queue.Queue()
        self.gate = threading.Event()
        self.gate.set()
        self.status = 200
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.put(Request(self.path, self.headers, body))
                outer.gate.wait(30)
                try:
                    self.send_response(outer.status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # The sender was killed.

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def hold(self):
        self.gate.clear()

    def release(self):
        self.gate.set()

    def next_request(self, seconds=30):
        return self.requests.get(timeout=seconds)

    def close(self):
        self.release()
        self.server.shutdown()
        self.server.server_close()
