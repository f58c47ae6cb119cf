"""Serves a folder and the player's page over HTTP on loopback, byte ranges included."""

import contextlib
import http.server
import pathlib
import re
import ssl
import subprocess
import threading

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml", ".m4s": "video/iso.segment", ".mp4": "video/mp4",
    ".js": "text/javascript", ".html": "text/html", ".vtt": "text/vtt", ".jpg": "image/jpeg",
}
PAGE = b"<!doctype html><meta charset=utf-8><video></video><script src=/mse_player.js></script>"
OWN = {"/": (".html", PAGE), "/mse_player.js": (".js", (pathlib.Path(__file__).parent / "mse_player.js").read_bytes())}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        suffix, data = self.find()
        if data is None:
            self.send_error(404)
            return
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        total = len(data)
        if wanted:
            start, end = int(wanted[1]), min(int(wanted[2] or total - 1), total - 1)
            data = data[start:end + 1]
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{end}/{total}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Type", TYPES.get(suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(data)

    def find(self):
        name = self.path.partition("?")[0]
        self.server.asked(name)
        if name in OWN:
            return OWN[name]
        path = (self.server.folder / name.lstrip("/")).resolve()
        if not path.is_relative_to(self.server.folder) or not path.is_file():
            return None, None
        return path.suffix, path.read_bytes()

    def log_message(self, *_):
        pass


def make_certificate(path):
    """Writes key and certificate of 127.0.0.1, which vouches for itself."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", f"{path}.crt"],
        check=True, capture_output=True,
    )
    path.write_bytes(path.read_bytes() + pathlib.Path(f"{path}.crt").read_bytes())
    return path


@contextlib.contextmanager
def serving(folder, certificate=None, asked=lambda path: None):
    """The address of a server that runs as long as the block; with TLS, if it gets a certificate. `asked` hears of each request."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.folder = pathlib.Path(folder).resolve()
    server.asked = asked
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The handshake is each connection's own affair: one that breaks it off must not end the server.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
