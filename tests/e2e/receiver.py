"""A receiver of webhooks: an HTTP server that keeps what it is sent, verifies it, and answers as a test wants, good or bad."""
import base64
import hashlib
import hmac
import http.server
import json
import socketserver
import threading
import time

from lib import PATIENCE, check


def signature(secret, id_, timestamp, body):
    """As Standard Webhooks 1.0 has it, by nothing of ours."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    return "v1," + base64.b64encode(hmac.new(key, b"%s.%s.%s" % (id_.encode(), timestamp.encode(), body), hashlib.sha256).digest()).decode()


class Delivery:
    """One request as it came."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, {k.lower(): v for k, v in headers.items()}, body
        self.id, self.timestamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        self.signatures = self.headers["webhook-signature"].split(" ")
        self.json = json.loads(body)
        self.type, self.data = self.json["type"], self.json["data"]

    def is_signed_by(self, secret):
        return signature(secret, self.id, self.timestamp, self.body) in self.signatures

    def __repr__(self):
        return "%s %s %s" % (self.id, self.type, json.dumps(self.data)[:200])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.receiver.take(self, Delivery(self.path, self.headers, body))

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def raw(self, data):
        """Bytes as they are, the last of the connection."""
        self.close_connection = True
        self.wfile.write(data)

    def do_GET(self):
        self.server.receiver.strays.append(self.path)
        self.say(200)

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads, request_queue_size, allow_reuse_address = True, 128, True

    def handle_error(self, request, client_address):
        """The daemon may leave in the midst of an answer."""


class Receiver:
    """`got` has what came, in order; `answer` is a status, or a function of the handler and the delivery that answers."""

    def __init__(self, answer=204):
        self.got, self.strays, self.answer, self.changed = [], [], answer, threading.Condition()
        # Those who hang do so until then.
        self.released = threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.receiver = self
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d/hook" % self.port
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def take(self, handler, delivery):
        with self.changed:
            self.got.append(delivery)
            answer = self.answer
            self.changed.notify_all()
        if callable(answer):
            answer(handler, delivery)
        else:
            handler.say(answer)

    def hang(self, handler, _):
        """Never says anything."""
        self.released.wait(PATIENCE)
        handler.close_connection = True

    def until(self, condition, what="a delivery"):
        """The deliveries, once CONDITION of their list is met."""
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while not condition(self.got):
                check(self.changed.wait(max(0, deadline - time.monotonic())), "never came: %s; there are %r" % (what, self.got[-5:]))
            return list(self.got)
