"""Proxies of the tests' own: CONNECT, and an MTProxy as its documents have it (plain, dd, and ee: the look of TLS). Each
serves on loopback until it is left, and remembers whom it was asked for."""
import base64
import hashlib
import hmac
import os
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from server.crypto import Aes  # noqa: E402


class Gone(Exception):
    pass


class Stream:
    """A socket's bytes, exactly as many as are wanted."""

    def __init__(self, sock):
        self.sock = sock

    def exactly(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise Gone()
            data += more
        return data

    def some(self):
        return self.sock.recv(65536)

    def send(self, data):
        self.sock.sendall(data)


class Proxy:
    """serve(stream) returns the address to go on to, the client's stream from then on, and what the server is sent first.
    Clients' addresses are in CAME; it goes on from the address SOURCE, where one is given."""

    def __init__(self, source=None):
        self.asked, self.faults, self.open, self.came, self.source = [], [], [], [], source
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in [self.listener, *self.open]:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def accept(self):
        while True:
            try:
                sock, address = self.listener.accept()
            except OSError:
                return
            self.came.append(address[0])
            self.open.append(sock)
            threading.Thread(target=self.one, args=(sock,), daemon=True).start()

    def one(self, sock):
        try:
            way = self.serve(Stream(sock))
            if way:
                self.relay(*way)
        except (Gone, OSError):
            pass
        except Exception as e:
            self.faults.append(repr(e))
        finally:
            sock.close()

    def relay(self, address, client, first):
        host, port = address.rsplit(":", 1)
        self.asked.append(address)
        with socket.create_connection((host, int(port)), source_address=self.source and (self.source, 0)) as sock:
            self.open.append(sock)
            server = Stream(sock)
            server.send(first)
            threading.Thread(target=self.pump, args=(server, client, True), daemon=True).start()
            self.pump(client, server)

    @staticmethod
    def pump(source, sink, ends_it=False):
        try:
            while data := source.some():
                sink.send(data)
        except (Gone, OSError):
            pass
        if ends_it:
            try:
                sink.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Gate(Proxy):
    """What stands before a server, and notes who comes: by their addresses, since proxies may go on from one of their own."""

    def __init__(self, server):
        self.server = server
        super().__init__()

    def serve(self, stream):
        return self.server, stream, b""


class Connect(Proxy):
    """HTTP CONNECT; LOGIN is "user:password" or None. ANSWER in place of the usual one, as bytes."""

    def __init__(self, login=None, answer=None, source=None):
        self.login, self.answer = login, answer
        super().__init__(source)

    def serve(self, stream):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += stream.exactly(1)
        lines = head.decode().split("\r\n")
        method, target, version = lines[0].split(" ")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        if (method, version, headers["Host"]) != ("CONNECT", "HTTP/1.1", target):
            raise ValueError(lines)
        if self.answer is not None:
            stream.send(self.answer)
            return None
        if self.login and headers.get("Proxy-Authorization") != "Basic " + base64.b64encode(self.login.encode()).decode():
            stream.send(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n")
            return None
        stream.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return target, stream, b""


class Records:
    """The stream inside records of TLS."""

    def __init__(self, stream):
        self.stream, self.sock, self.left = stream, stream.sock, b""

    def record(self):
        kind, version, size = struct.unpack(">BHH", self.stream.exactly(5))
        if version != 0x0303 or kind not in (0x14, 0x17) or not 0 < size <= 16384:
            raise ValueError("record %x %x %d" % (kind, version, size))
        return kind, self.stream.exactly(size)

    def some(self):
        if not self.left:
            kind, data = self.record()
            if kind != 0x17:
                raise ValueError("a record of type %x among the data" % kind)
            self.left = data
        data, self.left = self.left, b""
        return data

    def exactly(self, n):
        while len(self.left) < n:
            kind, data = self.record()
            if kind != 0x17:
                raise ValueError("a record of type %x among the data" % kind)
            self.left += data
        data, self.left = self.left[:n], self.left[n:]
        return data

    def send(self, data):
        # Small ones and large ones, and what true servers send in between.
        for part in (data[:1], data[1:700], *(data[i:i + 16384] for i in range(700, len(data), 16384))):
            if part:
                self.stream.send(struct.pack(">BHH", 0x17, 0x0303, len(part)) + part)
        self.stream.send(b"\x14\x03\x03\x00\x01\x01")


class Hidden:
    """The stream inside AES-CTR; it speaks as the server of it."""

    def __init__(self, stream, secret):
        self.stream, self.sock = stream, stream.sock
        init = stream.exactly(64)
        back = init[::-1]
        self.decrypt = Aes(hashlib.sha256(init[8:40] + secret).digest(), True, init[40:56])
        self.encrypt = Aes(hashlib.sha256(back[8:40] + secret).digest(), True, back[40:56])
        clear = self.decrypt.update(init)
        self.tag, self.dc = clear[56:60], struct.unpack("<h", clear[60:62])[0]

    def some(self):
        data = self.stream.some()
        return self.decrypt.update(data) if data else data

    def send(self, data):
        self.stream.send(self.encrypt.update(data))


class MtProxy(Proxy):
    """KIND is "", "dd" or "ee"; centres are {id: "host:port"}. A client without the secret is left unanswered, or, in TLS,
    gets what the domain's own server would say."""

    DOMAIN = "www.example.org"
    TAGS = {b"\xef" * 4: b"\xef", b"\xee" * 4: b"\xee" * 4, b"\xdd" * 4: b"\xdd" * 4}

    def __init__(self, kind, source=None):
        self.kind, self.key, self.centres = kind, os.urandom(16), {}
        super().__init__(source)

    def url(self, key=None):
        secret = self.kind + (key or self.key).hex() + (self.DOMAIN.encode().hex() if self.kind == "ee" else "")
        return "mtproxy://127.0.0.1:%d?secret=%s" % (self.port, secret)

    def greet(self, stream):
        hello = stream.exactly(5)
        if hello[:3] != b"\x16\x03\x01":
            raise ValueError("no ClientHello")
        hello += stream.exactly(struct.unpack(">H", hello[3:])[0])
        if len(hello) < 517 or self.DOMAIN.encode() not in hello:
            raise ValueError("a ClientHello of %d bytes" % len(hello))
        said = hello[11:43]
        digest = hmac.digest(self.key, hello[:11] + bytes(32) + hello[43:], "sha256")
        known = digest[:28] == said[:28]
        when = struct.unpack("<I", bytes(a ^ b for a, b in zip(digest[28:], said[28:], strict=True)))[0]
        if known and abs(when - time.time()) > 600:
            raise ValueError("the time is %d" % when)
        body = b"\x02\x00\x00\x76\x03\x03" + bytes(32) + b"\x20" + hello[44:76] + os.urandom(51)
        answer = (b"\x16\x03\x03" + struct.pack(">H", len(body)) + body + b"\x14\x03\x03\x00\x01\x01"
                  + b"\x17\x03\x03" + struct.pack(">H", 3000) + os.urandom(3000))
        key = self.key if known else os.urandom(16)
        stream.send(answer[:11] + hmac.digest(key, said + answer, "sha256") + answer[43:])
        if not known:
            raise Gone()
        records = Records(stream)
        if records.record() != (0x14, b"\x01"):
            raise ValueError("no change of ciphers first")
        return records

    def serve(self, stream):
        if self.kind == "ee":
            stream = self.greet(stream)
        hidden = Hidden(stream, self.key)
        if hidden.tag not in self.TAGS:
            raise Gone()  # another secret
        if self.kind and hidden.tag != b"\xdd" * 4:
            raise ValueError("not the padded framing")
        return self.centres[hidden.dc], hidden, self.TAGS[hidden.tag]
