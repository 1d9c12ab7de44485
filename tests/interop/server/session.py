"""Encrypted messages: what a session's client may do, and what the server does with it.

Session judges each packet as the documents have it. What a client must never do is a violation; what it may meet with (a
stale salt, a clock that is off) is only answered."""
import gzip
import os
import random
import struct

from . import crypto as c
from .tl import Reader, TlError

# Messages that need no acknowledgement and must have an even seqno.
NOT_CONTENT = {"msgs_ack", "msg_container", "msg_copy", "http_wait"}
EITHER = {"ping", "ping_delay_disconnect", "get_future_salts", "msgs_state_req", "msgs_state_info", "msgs_all_info", "msg_resend_req",
          "destroy_session", "rpc_drop_answer", "gzip_packed"}


class Key:
    def __init__(self, key_id, data, salt):
        self.id, self.data, self.salts = key_id, data, [salt]
        self.sessions, self.layer, self.packets, self.used = {}, None, 0, False
        self.login = {"user": None, "pending": None}
        self.expires_at, self.permanent = None, None    # Of a temporary key: when it ends, and the key it is bound to.

    def owner(self):
        """The key that carries the login; None for a temporary one that is bound to none."""
        return self if self.expires_at is None else self.permanent

    @property
    def user(self):
        owner = self.owner()
        return owner and owner.login["user"]

    @user.setter
    def user(self, value):
        self.owner().login["user"] = value

    @property
    def pending(self):
        owner = self.owner()
        return owner and owner.login["pending"]

    @pending.setter
    def pending(self, value):
        self.owner().login["pending"] = value

    def rotate(self, keep=True):
        """A new salt; the one before stays valid for a while."""
        self.salts = [random.getrandbits(64) - (1 << 63)] + (self.salts[:1] if keep else [])


class Session:
    """One session id under one key. It outlives its connections."""

    def __init__(self, server, key, number):
        self.server, self.key, self.id = server, key, number
        self.seen, self.order, self.answers, self.unacked, self.sent = {}, [], {}, {}, {}
        self.content, self.last_sent, self.known, self.inited, self.forgotten = 0, 0, False, False, set()
        self.connection, self.lost, self.lost_acks, self.state_reqs = None, set(), set(), {}

    def complain(self, text):
        self.server.violation("session: " + text)

    # What the server sends.

    def new_id(self, answer=False):
        t = int((self.server.now() + self.server.habits.ahead) * (1 << 32)) & ~3
        self.last_sent = max(t, self.last_sent + 4)
        return self.last_sent | (1 if answer else 3)

    def message(self, body, content=True, answer=False):
        """(msg_id, seqno, body) of a new message of the server's."""
        msg_id, number = self.new_id(answer), self.content * 2 + (1 if content else 0)
        self.content += content
        if body[:4] == struct.pack("<I", 0xDA69FB52):
            self.state_reqs[msg_id] = struct.unpack("<i", body[8:12])[0]
        message = (msg_id, number, body)
        if content:
            self.unacked[message[0]] = (self.server.clock(), self.server.name_of(body), self.connection)
            self.sent[message[0]] = message
        return message

    def container(self, messages):
        body = struct.pack("<Ii", 0x73F1F8DC, len(messages))
        for number, seqno, inner in messages:
            body += struct.pack("<qii", number, seqno, len(inner)) + inner
        return self.message(body, content=False)

    def pack(self, message, **lies):
        """The encrypted packet of one message; LIES change single fields of it."""
        number, seqno, body = message
        salt = lies.get("salt", self.key.salts[0])
        padding = lies.get("padding")
        if padding is None:
            padding = 12 + -(32 + len(body) + 12) % 16 + 16 * random.choice((0, 0, 1, 5))
        plain = struct.pack("<qqqiI", salt, lies.get("session", self.id), lies.get("number", number), seqno,
                            lies.get("length", len(body)) & 0xFFFFFFFF) + body + os.urandom(padding)
        x = lies.get("x", 8)
        key = lies.get("msg_key") or c.message_key(self.key.data, plain, x)
        sealed = c.ige(*c.message_keys(self.key.data, key, x), plain + bytes(-len(plain) % 16), True)
        return lies.get("key_id", self.key.id) + (lies.get("shown_key") or key) + sealed

    # What the client sends.

    def judge(self, number, seqno, name, container):
        """The code of bad_msg_notification for this message, or 0."""
        now = self.server.now()
        if number % 4:
            self.complain("msg_id %x of %s is not divisible by 4" % (number, name))
            return 18
        if number >> 32 < now - 300:
            self.server.note("msg_id of %s is %d s old" % (name, now - (number >> 32)))
            return 16
        if number >> 32 > now + 30:
            self.server.note("msg_id of %s is %d s ahead" % (name, (number >> 32) - now))
            return 17
        if container is None and self.order and number < self.order[-1][0] and number not in self.seen:
            self.complain("%s has a msg_id below the one sent before it" % name)
        content = seqno & 1
        if name in NOT_CONTENT and content:
            self.complain("%s has an odd seqno" % name)
            return 34
        if name not in NOT_CONTENT and name not in EITHER and not content:
            self.complain("%s has an even seqno" % name)
            return 35
        for other, other_seqno in self.order:
            if other == number:
                continue
            if other < number and (other_seqno > seqno or other_seqno == seqno and content):
                self.complain("seqno %d of %s is too low: an older message has %d" % (seqno, name, other_seqno))
                return 32
            if other > number and (other_seqno < seqno or other_seqno == seqno and content):
                self.complain("seqno %d of %s is too high: a newer message has %d" % (seqno, name, other_seqno))
                return 33
        return 0

    def remember(self, number, seqno, name):
        if number not in self.seen:
            self.order.append((number, seqno))
        self.seen.setdefault(number, name)

    def finish(self):
        """At the end: is the count of seqno exact where no message was lost?"""
        if self.server.lossy or not self.order:
            return
        expected = 0
        for number, seqno in sorted(self.order):
            if seqno != expected * 2 + (seqno & 1):
                self.complain("seqno %d where %d belongs (%s)" % (seqno, expected * 2 + (seqno & 1), self.seen[number]))
                return
            expected += seqno & 1


def unpack(server, key, packet, padded_frame):
    """(salt, session id, msg_id, seqno, body) of a client's packet, or None after a violation."""
    msg_key, sealed = packet[8:24], packet[24:]
    if len(sealed) % 16:
        if not padded_frame:
            server.violation("packet: %d bytes of ciphertext" % len(sealed))
            return None
        sealed = sealed[:len(sealed) // 16 * 16]
    if len(sealed) < 48:
        server.violation("packet: only %d bytes of ciphertext" % len(sealed))
        return None
    plain = c.ige(*c.message_keys(key.data, msg_key, 0), sealed, False)
    if c.message_key(key.data, plain, 0) != msg_key:
        server.violation("packet: wrong msg_key")
        return None
    salt, session, number, seqno, length = struct.unpack("<qqqii", plain[:32])
    body, padding = plain[32:32 + max(length, 0)], plain[32 + max(length, 0):]
    if length < 4 or length % 4 or len(body) != length or not 12 <= len(padding) <= 1024:
        server.violation("packet: length %d in %d bytes, %d of padding" % (length, len(plain), len(padding)))
        return None
    if not padding.strip(b"\0"):
        server.violation("packet: the padding is zeros")
    if session == 0:
        server.violation("packet: session_id is 0")
    if msg_key in server.msg_keys:
        server.violation("packet: a msg_key was used before")
    server.msg_keys.add(msg_key)
    return salt, session, number, seqno, body


class Inbox:
    """Handles the packets of one connection once a key is known."""

    def __init__(self, connection):
        self.connection, self.server = connection, connection.server

    def packet(self, key, packet, padded_frame):
        server, habits = self.server, self.server.habits
        opened = unpack(server, key, packet, padded_frame)
        if opened is None:
            self.connection.transport_error(-404)
            return
        salt, session_id, number, seqno, body = opened
        key.packets += 1
        session = key.sessions.get(session_id)
        if not session:
            session = key.sessions[session_id] = Session(server, key, session_id)
        resend = session.connection and session.connection is not self.connection and session.known
        session.connection = self.connection
        self.connection.session = session
        try:
            messages = self.split(session, number, seqno, body)
        except Bad as e:
            self.bad(session, number, seqno, e.code)
            return
        fresh = not key.used
        key.used = True
        if fresh and habits.first_salt or habits.salt_every and key.packets % habits.salt_every == 0:
            key.rotate(keep=False)
        if salt not in key.salts:
            # Seen, but ignored; the numbers count all the same.
            for m in messages:
                session.remember(m[0], m[1], "ignored")
            session.remember(number, seqno, "ignored")
            self.reply(session, [(server.service({"_": "bad_server_salt", "bad_msg_id": number, "bad_msg_seqno": seqno, "error_code": 48,
                                                  "new_server_salt": key.salts[0]}), False)])
            server.note("bad_server_salt sent")
            return
        out = []
        code = next((code for code in (session.judge(n, s, name, number if n != number else None)
                                       for n, s, _, name in messages) if code), 0)
        if len(messages) > 1 or messages and messages[0][0] != number:
            code = code or session.judge(number, seqno, "msg_container", None)
            if number in session.seen:
                session.complain("the msg_id of a container was used before")
                code = code or 19
        code = code or habits.refuse_all
        if habits.bad_msg and messages and any(m[3] == habits.bad_msg[0] for m in messages):
            code, habits.bad_msg = habits.bad_msg[1], None
        if code:
            for m in messages:
                session.remember(m[0], m[1], "refused")
            session.remember(number, seqno, "refused")
            self.bad(session, number, seqno, code)
            return
        if not session.known:
            session.known = True
            first = min(m[0] for m in messages) if messages else number
            if habits.new_session:
                out.append((server.service({"_": "new_session_created", "first_msg_id": first, "unique_id": random.getrandbits(63),
                                            "server_salt": key.salts[0]}), True))
        acks = []
        for n, s, inner, name in messages:
            if s & 1:
                acks.append(n)
            if session.seen.get(n, "ignored") not in ("ignored", "refused"):
                server.note("a repeated message: " + name)
                if n in session.answers and session.answers[n]:
                    self.connection.send(session.pack(session.answers[n]))
                continue
            session.remember(n, s, name)
            out += self.one(session, n, s, inner, name) or []
            if n in session.lost_acks:
                acks = [a for a in acks if a != n]
            if n in session.lost:
                session.seen[n] = "ignored"
                acks = [a for a in acks if a != n]
        session.remember(number, seqno, "msg_container")
        if resend:
            # What the old connection may have lost comes again on the new one.
            for n, (at, name, _) in list(session.unacked.items()):
                session.unacked[n] = (at, name, self.connection)
                self.connection.send(session.pack(session.sent[n]))
        ack = [(server.service({"_": "msgs_ack", "msg_ids": acks}), False)] if acks else []
        if out or ack:
            self.reply(session, out + ack if habits.result_first else ack + out)
        if habits.close_after and any(hasattr(o[0], "request") for o in out):
            self.connection.close()

    def split(self, session, number, seqno, body):
        """[(msg_id, seqno, body, name)] of a message: itself, or what a container holds."""
        if body[:4] != struct.pack("<I", 0x73F1F8DC):
            return [(number, seqno, body, self.server.name_of(body))]
        count = struct.unpack("<i", body[4:8])[0]
        at, messages = 8, []
        for _ in range(count):
            if at + 16 > len(body):
                session.complain("a container ends early")
                raise Bad(64)
            n, s, size = struct.unpack("<qii", body[at:at + 16])
            inner = body[at + 16:at + 16 + size]
            at += 16 + size
            name = self.server.name_of(inner)
            if len(inner) != size or size % 4 or size < 4:
                session.complain("a message of %d bytes in a container" % size)
                raise Bad(64)
            if name == "msg_container":
                session.complain("a container in a container")
                raise Bad(64)
            if n >= number:
                session.complain("%s in a container is newer than the container" % name)
                raise Bad(64)
            if s > seqno:
                session.complain("%s in a container has a higher seqno than the container" % name)
            messages.append((n, s, inner, name))
        if at != len(body) or not messages or len(messages) > 1020:
            session.complain("a container of %d messages with %d bytes over" % (count, len(body) - at))
            raise Bad(64)
        if len({m[0] for m in messages}) != len(messages):
            session.complain("a msg_id twice in a container")
        return messages

    def bad(self, session, number, seqno, code):
        self.server.note("bad_msg_notification %d sent" % code)
        self.reply(session, [(self.server.service({"_": "bad_msg_notification", "bad_msg_id": number, "bad_msg_seqno": seqno,
                                                   "error_code": code}), False)])

    def reply(self, session, bodies):
        """Sends (body, is content) pairs as this server's habits have it."""
        habits = self.server.habits
        messages = [m if isinstance(m, tuple) and len(m) == 3 else session.message(m[0], m[1], True) for m in bodies]
        for body, message in zip(bodies, messages):
            if hasattr(body[0], "request"):
                session.answers[body[0].request] = message
        if habits.container and len(messages) > 1:
            self.connection.send(session.pack(session.container(messages)))
        else:
            for m in messages:
                packet = session.pack(m)
                self.connection.send(packet)
                if habits.duplicates:
                    self.connection.send(packet)

    def one(self, session, number, seqno, body, name):
        """Executes one message; returns (body, is content) pairs to send."""
        server = self.server
        if name == "gzip_packed":
            inner = Reader(server.api(session.key.layer), body)
            inner.number("<I")
            body = gzip.decompress(inner.string())
            name = server.name_of(body)
            if not seqno & 1 and name not in EITHER | NOT_CONTENT:
                session.complain("a gzipped %s has an even seqno" % name)
        try:
            if name in server.mtproto.by_name:
                reader = Reader(server.mtproto, body, session.complain)
                query = reader.boxed()
                reader.end()
                return self.service(session, number, query)
            return server.world.rpc(self, session, number, body)
        except TlError as e:
            session.complain("%s: %s" % (name, e))
            return []

    def service(self, session, number, q):
        server, name = self.server, q["_"]
        server.count(name)
        if name in server.habits.mute_on:
            return []
        if name == "msgs_ack":
            if not 0 < len(q["msg_ids"]) <= 8192:
                session.complain("msgs_ack of %d ids" % len(q["msg_ids"]))
            for n in q["msg_ids"]:
                if n not in session.sent and n not in session.forgotten:
                    session.complain("an ack of a message that was never sent or needs none: %x" % (n & (1 << 64) - 1))
                session.unacked.pop(n, None)
            return []
        if name in ("ping", "ping_delay_disconnect"):
            return [(server.service({"_": "pong", "msg_id": number, "ping_id": q["ping_id"]}), False)]
        if name == "get_future_salts":
            now = int(server.now())
            salts = [{"valid_since": now + 1800 * i, "valid_until": now + 1800 * (i + 2), "salt": s}
                     for i, s in enumerate([session.key.salts[0]] + [random.getrandbits(63) for _ in range(q["num"] - 1)])]
            return [(server.service({"_": "future_salts", "req_msg_id": number, "now": now, "salts": salts}), False)]
        if name == "msgs_state_req":
            info = bytes(4 + (64 if session.answers.get(n) else 0) if session.seen.get(n, "ignored") not in ("ignored", "refused")
                         else 2 for n in q["msg_ids"])
            for n in q["msg_ids"]:
                if session.answers.get(n) and session.answers[n][0] in session.unacked:
                    self.connection.send(session.pack(session.answers[n]))
            return [(server.service({"_": "msgs_state_info", "req_msg_id": number, "info": info}), False)]
        if name == "msgs_state_info":
            asked = session.state_reqs.pop(q["req_msg_id"], None)
            if asked is None:
                session.complain("msgs_state_info of nothing that was asked")
            elif len(q["info"]) != asked or any(b & 7 not in (1, 2, 3, 4) for b in q["info"]):
                session.complain("msgs_state_info %s for %d ids" % (q["info"].hex(), asked))
            return []
        if name == "msg_resend_req":
            out = []
            for n in q["msg_ids"]:
                if n in session.sent:
                    self.connection.send(session.pack(session.sent[n]))
                else:
                    session.complain("msg_resend_req of a message that was never sent")
            return out
        if name == "rpc_drop_answer":
            return [(server.service({"_": "rpc_result", "req_msg_id": number, "result": {"_": "rpc_answer_unknown"}}), True)]
        if name == "destroy_session":
            return [(server.service({"_": "destroy_session_none", "session_id": q["session_id"]}), False)]
        if name == "destroy_auth_key":
            server.keys.pop(session.key.id, None)
            for key in server.keys.values():
                key.permanent = None if key.permanent is session.key else key.permanent
            return [(server.service({"_": "destroy_auth_key_ok"}), False)]
        session.complain("a client sent " + name)
        return []


class Bad(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Answer(bytes):
    """The body of an rpc_result, with the request it answers."""
    request = 0
