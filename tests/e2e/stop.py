"""Stopping under load: what was asked is answered, and each answer says that it is the last."""
import fcntl
import http.client
import socket
import struct
import termios
import threading
import time

from lib import PATIENCE, Daemon, check, equal, run, wait_for


def raw(d, unix=False):
    s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
    s.settimeout(PATIENCE)
    s.connect(d.unix if unix else (d.host, int(d.port)))
    return s


def all_of(s):
    data = b""
    while more := s.recv(65536):
        data += more
    return data


def unread(s):
    return struct.unpack("i", fcntl.ioctl(s, termios.FIONREAD, b"\0" * 4))[0]


def test_a_body_that_ends_after_the_worker_is_told_that_the_daemon_stops():
    with Daemon() as d:
        # Somebody who does not read holds the front end open after the accounts have ended.
        slow, late, body = raw(d, unix=True), raw(d), b'{"peer":"@sandbox_group"}'
        slow.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        late.sendall(("POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\n"
                      "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (d.token, len(body))).encode())
        check(late.recv(100).startswith(b"HTTP/1.1 100 "), "no 100")
        wait_for("more than one answer", lambda: unread(slow) > 100000)
        d.process.terminate()
        wait_for("the accounts' end", lambda: "at the next start" in d.log())
        late.sendall(body)
        answer = all_of(late)
        check(answer.startswith(b"HTTP/1.1 503 ") and b"\r\nConnection: close\r\n" in answer, answer)
        slow.close()
        equal(d.process.wait(PATIENCE), 0)


class Asker(threading.Thread):
    """Asks over one kept connection until an answer says that it is the last."""

    def __init__(self, d):
        super().__init__()
        self.d, self.answers, self.lost, self.last = d, 0, None, False

    def run(self):
        c = http.client.HTTPConnection(self.d.host, int(self.d.port), timeout=PATIENCE)
        c.connect()
        c.auto_open = 0
        asked = sent = time.monotonic()
        while not self.last and not self.lost:
            before, asked = asked, time.monotonic()
            try:
                c.request("GET", "/v1/calls", headers={"Authorization": "Bearer " + self.d.token})
                sent = time.monotonic()
                answer = c.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as e:
                # Who was kept from asking for long has an idle connection, which may be closed. When the answer before
                # came only the kernel knows: not before it was asked for.
                self.lost = e if max(asked, sent) - before < 0.1 else "idle"
                break
            self.answers += 1
            self.last = answer.getheader("Connection", "").lower() == "close"
            if answer.status not in (200, 503):
                self.lost = answer.status


def test_a_stop_under_load_leaves_no_request_without_an_answer():
    with Daemon() as d:
        askers = [Asker(d) for _ in range(48)]
        for a in askers:
            a.start()
        wait_for("the load", lambda: all(a.answers > 5 for a in askers))
        equal(d.end(), 0)
        for a in askers:
            a.join(PATIENCE)
        equal([a.lost for a in askers if a.lost not in (None, "idle")], [])
        check(sum(a.last for a in askers) > 24, "hardly any was told")


if __name__ == "__main__":
    run(globals())
