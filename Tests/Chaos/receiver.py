"""Takes webhooks as a busy receiver does: some it asks to come later, some it leaves hanging; it counts by webhook-id."""

import collections
import http.server
import random
import threading
import time
import uuid

# Of a thousand ids; each is met so at its first try only.
LATER, HANGING = 80, 20
RETRY_AFTER = 5


class Receiver:
    def __init__(self, seed, patience):
        """`patience`: seconds after which the sender gives a try up."""
        self.seed = seed
        self.patience = patience
        self.lock = threading.Lock()
        self.tries = collections.Counter()
        self.taken = collections.Counter()
        # Taken at the first try, and answered as if not.
        self.denied = set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answer(self.headers["webhook-id"])
                try:
                    self.send_response(status)
                    if status == 503:
                        self.send_header("Retry-After", str(RETRY_AFTER))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # The sender was killed or has given up.

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 256

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def deny(self, webhook_id):
        """Has the first try of an id taken and answered with an error."""
        self.denied.add(webhook_id)

    def mood(self, webhook_id):
        return random.Random(f"{self.seed} {webhook_id}").randrange(1000)

    def prompt_id(self):
        """An id that is taken at the first try."""
        while True:
            webhook_id = str(uuid.uuid4())
            if self.mood(webhook_id) >= LATER + HANGING:
                return webhook_id

    def late_id(self):
        """An id whose first try is asked to come later."""
        while True:
            webhook_id = str(uuid.uuid4())
            if self.is_late(webhook_id):
                return webhook_id

    def is_late(self, webhook_id):
        """Whether the first try of an id is asked to come later."""
        return self.mood(webhook_id) < LATER

    def is_hanging(self, webhook_id):
        return LATER <= self.mood(webhook_id) < LATER + HANGING

    def answer(self, webhook_id):
        with self.lock:
            self.tries[webhook_id] += 1
            is_first = self.tries[webhook_id] == 1
            is_denied = is_first and webhook_id in self.denied
        if is_first and not is_denied and self.is_late(webhook_id):
            return 503
        if is_first and not is_denied and self.is_hanging(webhook_id):
            time.sleep(self.patience + 1)
            return 503
        with self.lock:
            self.taken[webhook_id] += 1
        return 500 if is_denied else 200

    def close(self):
        self.server.shutdown()
        self.server.server_close()
