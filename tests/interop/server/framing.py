"""The framings of TCP, told apart by the first bytes of a connection as a data centre does it."""
import os
import random
import struct
import zlib

from .crypto import Aes

MOST = 1 << 24


class Plain:
    def __init__(self, reader, head=b""):
        self.reader, self.head = reader, head

    async def read(self, n):
        if self.head:
            piece, self.head = self.head[:n], self.head[n:]
            return piece + (await self.reader.readexactly(n - len(piece)) if n > len(piece) else b"")
        return await self.reader.readexactly(n)

    def encode(self, data):
        return data


class Obfuscated(Plain):
    def __init__(self, reader, init):
        super().__init__(reader)
        back = init[::-1]
        self.decrypt, self.encrypt = Aes(init[8:40], True, init[40:56]), Aes(back[8:40], True, back[40:56])
        self.tag = self.decrypt.update(init)[56:60]

    async def read(self, n):
        return self.decrypt.update(await self.reader.readexactly(n))

    def encode(self, data):
        return self.encrypt.update(data)


async def detect(reader, complain):
    """The framing of a fresh connection."""
    head = await reader.readexactly(1)
    if head == b"\xef":
        return Abridged(Plain(reader), complain, "abridged")
    head += await reader.readexactly(3)
    if head in (b"\xee" * 4, b"\xdd" * 4):
        return Intermediate(Plain(reader), complain, head[0] == 0xDD)
    head += await reader.readexactly(4)
    if head[4:] == bytes(4):
        return Full(Plain(reader, head), complain)
    stream = Obfuscated(reader, head + await reader.readexactly(56))
    if stream.tag == b"\xef" * 4:
        return Abridged(stream, complain, "obfuscated abridged")
    if stream.tag in (b"\xee" * 4, b"\xdd" * 4):
        return Intermediate(stream, complain, stream.tag[0] == 0xDD, "obfuscated ")
    complain("the framing is none that is known: %s, tag %s" % (head.hex(), stream.tag.hex()))
    return None


class Abridged:
    pads = False

    def __init__(self, stream, complain, name):
        self.stream, self.complain, self.name = stream, complain, name

    async def read(self):
        n = (await self.stream.read(1))[0]
        if n & 0x80:
            self.complain("a quick ack was asked for")
        n &= 0x7F
        if n == 0x7F:
            n = int.from_bytes(await self.stream.read(3), "little")
            if n < 0x7F:
                self.complain("abridged: the long length for %d words" % n)
        if n * 4 > MOST:
            raise ValueError("a frame of %d bytes" % (n * 4))
        return await self.stream.read(n * 4)

    def wrap(self, data):
        n = len(data) // 4
        return self.stream.encode((bytes([n]) if n < 127 else b"\x7f" + n.to_bytes(3, "little")) + data)


class Intermediate:
    def __init__(self, stream, complain, pads, prefix=""):
        self.stream, self.complain, self.pads = stream, complain, pads
        self.name = prefix + ("padded" if pads else "intermediate")

    async def read(self):
        n = int.from_bytes(await self.stream.read(4), "little")
        if n & 0x80000000:
            self.complain("a quick ack was asked for")
            n &= 0x7FFFFFFF
        if n > MOST:
            raise ValueError("a frame of %d bytes" % n)
        return await self.stream.read(n)

    def wrap(self, data):
        pad = os.urandom(random.randrange(16)) if self.pads else b""
        return self.stream.encode(struct.pack("<I", len(data) + len(pad)) + data + pad)


class Full:
    pads, name = False, "full"

    def __init__(self, stream, complain):
        self.stream, self.complain, self.received, self.sent = stream, complain, 0, 0

    async def read(self):
        head = await self.stream.read(8)
        n, number = struct.unpack("<II", head)
        if not 12 <= n <= MOST:
            raise ValueError("full: a length of %d" % n)
        rest = await self.stream.read(n - 8)
        if number != self.received:
            self.complain("full: frame %d came as %d" % (self.received, number))
        if zlib.crc32(head + rest[:-4]) != int.from_bytes(rest[-4:], "little"):
            self.complain("full: wrong CRC32")
        self.received += 1
        return rest[:-4]

    def wrap(self, data):
        frame = struct.pack("<II", len(data) + 12, self.sent) + data
        self.sent += 1
        return self.stream.encode(frame + struct.pack("<I", zlib.crc32(frame)))
