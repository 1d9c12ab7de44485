"""A data centre on loopback, written from MTProto's documents alone and from nothing of tgcalld's.

Runs in a thread of the test. It is strict: every breach of the protocol by the client is kept in `violations`."""
import asyncio
import os
import struct
import threading
import time

from . import crypto as c
from . import framing
from .handshake import Handshake
from .habits import Habits
from .session import Inbox, Key
from .tl import Schema
from .world import World

ROOT = os.environ.get("TGCALLD_SRCDIR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")


class Shared:
    """What all servers of a test have in common: the loop, the schemas, one RSA pair."""
    lock, loop, rsa, schemas = threading.Lock(), None, None, {}

    @classmethod
    def start(cls):
        with cls.lock:
            if cls.loop:
                return
            folder = os.path.join(ROOT, "config", "schema")
            mtproto = os.path.join(folder, "mtproto.tl")
            cls.schemas = {n: Schema(os.path.join(folder, "layer-%d.tl" % n), mtproto) for n in (138, 229)}
            cls.mtproto = Schema(mtproto)
            cls.rsa = c.Rsa()
            cls.loop = asyncio.new_event_loop()
            threading.Thread(target=cls.loop.run_forever, daemon=True).start()


class Connection:
    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer
        self.framing, self.session, self.plain_ids, self.inbox, self.closed = None, None, [], Inbox(self), False
        self.last_plain, self.mute, self.queue, self.dripping = 0, False, bytearray(), False
        self.due, self.ended = 0, None

    async def run(self):
        server = self.server
        try:
            self.framing = await framing.detect(self.reader, server.violation)
            if not self.framing:
                return
            server.framings.add(self.framing.name)
            handshake = Handshake(server, Shared.mtproto)
            while not self.closed:
                packet = await self.framing.read()
                if not self.closed and not self.mute:
                    self.packet(handshake, packet)
        except asyncio.IncompleteReadError as e:
            if e.partial:
                server.note("the client closed in the middle of a frame")
        except (ConnectionError, asyncio.CancelledError):
            pass
        except ValueError as e:
            server.violation("frame: %s" % e)
        except Exception as e:
            server.violation("the server failed: %r" % e)
            import traceback
            traceback.print_exc()
        finally:
            self.close()

    def packet(self, handshake, packet):
        server = self.server
        if len(packet) < 20:
            server.violation("a packet of %d bytes" % len(packet))
            self.close()
            return
        key_id = packet[:8]
        if key_id != bytes(8):
            if key_id in server.liar_keys:
                server.believed.append(server.liar_keys[key_id][1])
            key = server.keys.get(key_id)
            if not key:
                server.note("an unknown key")
                self.transport_error(-404)
                return
            if key.expires_at is not None and key.expires_at <= server.now():
                server.note("a temporary key whose time is over")
                del server.keys[key_id]
                self.transport_error(-404)
                return
            self.inbox.packet(key, packet, self.framing.pads)
            return
        number, length = struct.unpack("<qi", packet[8:20])
        over = len(packet) - 20 - length
        if number % 4 or number <= self.last_plain:
            server.violation("plain message: msg_id %x after %x" % (number, self.last_plain))
        if abs((number >> 32) - time.time()) > 300 and not self.last_plain:
            server.note("plain message: msg_id off by %d s" % ((number >> 32) - time.time()))
        self.last_plain = number
        if not 0 < length <= len(packet) - 20 or over > (15 if self.framing.pads else 0):
            server.violation("plain message: length %d, %d bytes over" % (length, over))
            self.transport_error(-404)
            return
        if server.habits.refuse_first and not server.refused:
            server.refused = True
            self.transport_error(server.habits.refuse_first)
            return
        answer = handshake.handle(packet[20:20 + length])
        if answer is None:
            self.transport_error(-404)
            return
        answer += os.urandom(server.habits.tail)
        number = int((server.now()) * (1 << 32)) & ~3 | 1
        self.send(struct.pack("<qqi", 0, number, len(answer)) + answer)

    def send(self, data):
        if self.closed:
            return
        if self.mute:
            return
        frame = self.framing.wrap(data)
        if self.server.habits.drip:
            self.queue += frame
            if not self.dripping:
                self.due = Shared.loop.time()
                self.drop()
        elif self.server.habits.split:
            for byte in frame:
                self.writer.write(bytes([byte]))  # Sent at once: the buffer is empty and Nagle's delay is off.
        else:
            self.writer.write(frame)

    def drop(self):
        """By the clock: what a busy machine is late with comes at once, each byte for itself all the same."""
        while self.queue and not self.closed and self.due <= Shared.loop.time():
            self.writer.write(bytes([self.queue.pop(0)]))
            self.due += self.server.habits.drip
        self.dripping = bool(self.queue) and not self.closed
        if self.dripping:
            Shared.loop.call_at(self.due, self.drop)

    def transport_error(self, code):
        self.server.note("transport error %d sent" % code)
        self.send(struct.pack("<i", code))
        # The error has to arrive before the end of the stream does.
        self.closed = True
        Shared.loop.call_later(0.02, self.close)

    def close(self):
        self.closed = True
        if self.ended is None:
            self.ended = self.server.clock()
        self.server.connections.discard(self)
        if not self.writer.is_closing():
            self.writer.close()


class Server:
    def __init__(self, habits=None, dc=1, first=None):
        Shared.start()
        self.habits, self.dc, self.rsa, self.mtproto = habits or Habits(), dc, Shared.rsa, Shared.mtproto
        self.world = first.world if first else World(self.habits.password)
        self.all = first.all if first else []
        self.all.append(self)
        self.keys, self.liar_keys, self.nonces, self.msg_keys, self.connections = {}, {}, set(), set(), set()
        self.violations, self.notes, self.told, self.believed, self.framings, self.counts = [], [], [], [], set(), {}
        self.lossy, self.refused, self.accepted, self.began = False, False, [], time.monotonic()
        self.start()

    def start(self, port=0):
        self.listener = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self.serve, "127.0.0.1", port), Shared.loop).result()
        self.port = self.listener.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        writer.get_extra_info("socket").setsockopt(6, 1, 1)
        connection = Connection(self, reader, writer)
        self.connections.add(connection)
        self.accepted.append(self.clock())
        if self.habits.close_first:
            self.habits.close_first -= 1
            connection.close()
            return
        if self.habits.mute_first:
            self.habits.mute_first -= 1
            connection.mute = True
        await connection.run()

    def stop(self):
        def end():
            self.listener.close()
            for connection in list(self.connections):
                connection.close()
        self.run(end)

    def run(self, function):
        """Runs FUNCTION in the server's thread and returns its result."""
        async def call():
            return function()
        return asyncio.run_coroutine_threadsafe(call(), Shared.loop).result()

    # What happened.

    def clock(self):
        return time.monotonic() - self.began

    def now(self):
        return time.time() + self.habits.skew

    def violation(self, text):
        self.violations.append("%.2f s, dc %d: %s" % (self.clock(), self.dc, text))

    def note(self, text):
        self.notes.append("%.2f s: %s" % (self.clock(), text))

    def count(self, name):
        self.counts[name] = self.counts.get(name, 0) + 1
        self.notes.append("%.2f s: <- %s" % (self.clock(), name))

    def add_key(self, key_id, data, salt, expires_at=None):
        self.keys[key_id] = Key(key_id, data, salt)
        self.keys[key_id].expires_at = expires_at

    def permanent(self):
        return [k for k in self.keys.values() if k.expires_at is None]

    def bound(self):
        return [k for k in self.keys.values() if k.permanent]

    def sessions(self):
        return [s for k in self.keys.values() for s in k.sessions.values()]

    def unacked(self, age=0):
        """Content messages the client received on a connection that is up or was closed by it, and never acknowledged, in AGE
        seconds or until that was closed."""
        waited = [(name, (self.clock() if c is None or c.ended is None else c.ended) - at)
                  for s in self.sessions() for at, name, c in s.unacked.values()]
        return [(name, round(seconds, 2)) for name, seconds in waited if seconds >= age]

    def push(self, body, pack=None):
        """Sends a message of the server's own accord to every session that is connected."""
        def send():
            for s in self.sessions():
                if s.connection and not s.connection.closed:
                    data = s.message(body(s) if callable(body) else body)
                    s.connection.send(s.pack(data))
        self.run(send)

    # TL.

    def api(self, layer):
        return Shared.schemas.get(layer) if layer else Shared.schemas[229]

    def service(self, value):
        return self.mtproto.encode(value)

    def error(self, code, text):
        return self.mtproto.encode({"_": "rpc_error", "error_code": code, "error_message": text})

    def name_of(self, body):
        number = struct.unpack("<I", body[:4])[0] if len(body) >= 4 else 0
        c_ = self.mtproto.by_id.get(number) or Shared.schemas[229].by_id.get(number)
        return c_.name if c_ else "%08x" % number

    def finish(self):
        """The violations, after the checks that need the whole story."""
        for s in self.sessions():
            s.finish()
        return self.violations
