"""Packets a client must refuse: each is a forged answer (its title says LIARS where the truth says TRUTH) with one thing wrong."""
import gzip
import os
import struct

from .tl import string

GZIP = struct.pack("<I", 0x3072CFA1)


def gz(data):
    return GZIP + string(gzip.compress(data, 9))


def forged(session, number, body):
    return (session.new_id(True), session.content * 2 + 1, bytes(body))


def inner(session, message, shift=-4, container_shift=0):
    """A container with the message; SHIFT moves the inner msg_id against the container's."""
    top = session.new_id()
    text = struct.pack("<Ii", 0x73F1F8DC, 1) + struct.pack("<qii", (top & ~3 | 1) + shift, message[1], len(message[2])) + message[2]
    return (top, message[1] + 1, text)


def nested(session, message):
    one = inner(session, message)
    return inner(session, (one[0], one[1], one[2]))


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def flip_end(data):
    return flip(data, len(data) - 3)


def result(number, body):
    return struct.pack("<Iq", 0xF35C6D01, number) + body


def bomb():
    return gz(bytes(200 << 20))


# How the packet is made from the session, the request's id and the body of the forged rpc_result.
# These are refused before anything inside is believed, and so never acknowledged.
REFUSED = {
    "msg_key is flipped": lambda s, n, b: flip(s.pack(forged(s, n, b)), 8),
    "the last block is flipped": lambda s, n, b: flip_end(s.pack(forged(s, n, b))),
    "the first block is flipped": lambda s, n, b: flip(s.pack(forged(s, n, b)), 24),
    "auth_key_id is another": lambda s, n, b: s.pack(forged(s, n, b), key_id=os.urandom(8)),
    "auth_key_id is 0": lambda s, n, b: s.pack(forged(s, n, b), key_id=bytes(8)),
    "a plain message after the key exchange": lambda s, n, b: struct.pack("<qqi", 0, s.new_id(True), len(b)) + b,
    "the client's own direction": lambda s, n, b: s.pack(forged(s, n, b), x=0),
    "cut in the middle of a block": lambda s, n, b: s.pack(forged(s, n, b))[:-4],
    "cut by a block": lambda s, n, b: s.pack(forged(s, n, b))[:-16],
    "cut to the key and msg_key": lambda s, n, b: s.pack(forged(s, n, b))[:24],
    "one block": lambda s, n, b: s.pack(forged(s, n, b))[:40],
    "length is negative": lambda s, n, b: s.pack(forged(s, n, b), length=-4),
    "length is 2^31 - 1": lambda s, n, b: s.pack(forged(s, n, b), length=0x7FFFFFFC),
    "length is no multiple of 4": lambda s, n, b: s.pack(forged(s, n, b), length=len(b) + 1),
    "padding of 0": lambda s, n, b: s.pack(forged(s, n, b + bytes(-len(b) % 16)), padding=0),
    "padding of 8": lambda s, n, b: s.pack(forged(s, n, b + bytes(-(len(b) + 8) % 16)), padding=8),
    "padding of 1040": lambda s, n, b: s.pack(forged(s, n, b), padding=1040 + -len(b) % 16),
    "the session id is another": lambda s, n, b: s.pack(forged(s, n, b), session=s.id ^ 1),
    "msg_id is even": lambda s, n, b: s.pack(forged(s, n, b), number=s.new_id() & ~3),
    "msg_id is 400 s old": lambda s, n, b: s.pack(forged(s, n, b), number=s.new_id(True) - (400 << 32)),
    "msg_id is 60 s ahead and answers nothing": lambda s, n, b: s.pack(
        forged(s, n, result(n + 4, b[12:])), number=s.new_id(True) + (60 << 32)),
    "a container in a container": lambda s, n, b: s.pack(nested(s, forged(s, n, b))),
    "an inner msg_id above the container's": lambda s, n, b: s.pack(inner(s, forged(s, n, b), 8)),
    "an inner msg_id that is even": lambda s, n, b: s.pack(inner(s, forged(s, n, b), -5)),
    "an inner length past the end": lambda s, n, b: s.pack((s.new_id(), 2, struct.pack(
        "<Iiqii", 0x73F1F8DC, 1, s.last_sent - 7, 1, len(b) + 64) + b)),
    "a container of 2^31 - 1": lambda s, n, b: s.pack((s.new_id(), 2, struct.pack("<Ii", 0x73F1F8DC, 0x7FFFFFFF) + b)),
}
# These are packets as they should be; what they say is nonsense, and none of it an answer.
NONSENSE = {
    "gzip in gzip": lambda s, n, b: s.pack(forged(s, n, result(n, gz(gz(b[12:]))))),
    "a gzip of 200 MiB": lambda s, n, b: s.pack(forged(s, n, result(n, bomb()))),
    "a gzip of 200 MiB as a message": lambda s, n, b: s.pack(forged(s, n, bomb())),
    "a gzip that is cut": lambda s, n, b: s.pack(forged(s, n, result(n, GZIP + string(gzip.compress(b[12:])[:-9])))),
    "a gzip with a wrong CRC": lambda s, n, b: s.pack(forged(s, n, result(n, GZIP + string(flip(gzip.compress(b[12:]), -6))))),
    "an answer to another request": lambda s, n, b: s.pack(forged(s, n, result(n + 4, b[12:]))),
    "bytes after the result": lambda s, n, b: s.pack(forged(s, n, b + bytes(8))),
    "a result cut short": lambda s, n, b: s.pack(forged(s, n, b[:-4])),
    "a result of another type": lambda s, n, b: s.pack(forged(s, n, result(n, struct.pack("<I", 0x997275B5)))),
    "a result that is unknown": lambda s, n, b: s.pack(forged(s, n, result(n, struct.pack("<I", 0xDEADBEEF) + b[12:]))),
    "a result of a service message": lambda s, n, b: s.pack(forged(s, n, result(n, struct.pack("<Iqq", 0x347773C5, n, 1)))),
    "bad_msg_notification of no message": lambda s, n, b: s.pack(forged(s, n, struct.pack("<Iqii", 0xA7EFF811, n - 400, 1, 17))),
    "bad_server_salt of no message": lambda s, n, b: s.pack(forged(s, n, struct.pack("<Iqiiq", 0xEDAB447B, n - 400, 1, 48, 5))),
    "a pong of no ping": lambda s, n, b: s.pack(forged(s, n, struct.pack("<Iqq", 0x347773C5, n, 99))),
    "future_salts nobody asked for": lambda s, n, b: s.pack(forged(s, n, struct.pack(
        "<Iqiiiiq", 0xAE500895, n, 1, 1, 0, 0x7FFFFFFF, 5))),
    "future_salts of 2^30": lambda s, n, b: s.pack(forged(s, n, struct.pack("<Iqii", 0xAE500895, n, 1, 1 << 30))),
    "msgs_state_info nobody asked for": lambda s, n, b: s.pack(forged(s, n, struct.pack("<Iq", 0x04DEB57D, n) + string(b"\1"))),
    "msgs_all_info of another length": lambda s, n, b: s.pack(forged(s, n, struct.pack("<IIiq", 0x8CC0D131, 0x1CB5C415, 1, n)
                                                                     + string(b"\1\1\1"))),
    "msg_detailed_info of nothing": lambda s, n, b: s.pack(forged(s, n, struct.pack("<Iqqii", 0x276D3EC6, n - 8, n - 7, 1 << 30, 0))),
    "msg_resend_req of 2^30": lambda s, n, b: s.pack(forged(s, n, struct.pack("<IIi", 0x7D861A08, 0x1CB5C415, 1 << 30))),
    "an ack of no message": lambda s, n, b: s.pack(forged(s, n, struct.pack("<IIiq", 0x62D6B459, 0x1CB5C415, 1, 12))),
    "an empty body": lambda s, n, b: s.pack((s.new_id(), 1, b"")),
}


TAMPERS = {**REFUSED, **NONSENSE}


def tampered(how, session, number, body):
    data = TAMPERS[how](session, number, bytes(body))
    if how in NONSENSE:
        # An answer that is not wanted may be acknowledged unseen.
        session.forgotten |= {session.last_sent | 1, session.last_sent | 3, number - 7}
    return [data]
