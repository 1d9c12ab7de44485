#!/usr/bin/env python3
"""Writes first inputs for each fuzz target below FOLDER: real bytes from the tests' data, and a few by hand.

usage: seeds.py FOLDER"""
import glob
import gzip
import json
import os
import random
import re
import struct
import sys
import zlib

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
DATA = os.path.join(TOP, "tests", "data")
LAYERS = ("layer-138", "layer-229")


def text(path):
    with open(os.path.join(TOP, path), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def raw(path):
    with open(os.path.join(TOP, path), "rb") as f:
        return f.read()


def data(name):
    return json.loads(text("tests/data/" + name))


def methods(layer):
    functions = text("config/schema/%s.tl" % layer).split("---functions---")[1]
    return re.findall(r"^([A-Za-z][\w.]*)#[0-9a-f]+ ", functions, re.M)


def bound(case):
    """The bytes of a case whose hex is written one field a string."""
    return bytes.fromhex("".join(case["tl"]))


def tl_schema():
    for case in data("tl/invalid/schema.json"):
        yield case["text"].encode("utf-8", "surrogatepass")
    yield raw("config/schema/mtproto.tl")
    lines = raw("config/schema/layer-229.tl").split(b"\n")
    for at in (10, 400, 2500):
        yield b"\n".join(lines[at:at + 12])


def tl_read():
    for name in ("valid/updates", "invalid/bytes"):
        for case in data("tl/%s.json" % name):
            for which, layer in enumerate(LAYERS):
                if layer in case.get("schemas", LAYERS):
                    yield struct.pack("<BH", which, 0) + bound(case)
    for case in data("tl/valid/create_group_call.json"):
        yield struct.pack("<BH", 1, 1) + bound(case)
    for name, answer in (("messages.getDialogs", "58feef15"), ("users.getUsers", "15c4b51c01000000e2c4cbd30000000000000000"),
                         ("account.checkUsername", "b5757299"), ("help.getAppConfig", "0da2de7c")):
        yield struct.pack("<BH", 1, methods("layer-229").index(name) + 2) + bytes.fromhex(answer)


def known():
    for case in data("tl/valid/updates.json"):
        for which, layer in enumerate(LAYERS):
            if layer in case.get("schemas", LAYERS):
                told = b"\4" + struct.pack("<H", len(bound(case))) + bound(case) + b"\0"
                yield bytes([which]) + told + b"\5\0\2\3" + b"\7\2" + told + b"\6\2" + told
    # Each kind of answer; calls, chats and names that are asked for; a full table.
    for which in (0, 1):
        for method in range(8):
            yield bytes([which, 0, method]) + bytes(range(1, 60)) + b"\0\1" + bytes([method]) + b"\1" * 60
    yield b"\1\xff\0\xff\1" + b"\6\5\7\4" + b"\xff\2"
    yield b"\1" + b"".join(bytes([9, what, 1, 3]) for what in range(20)) + b"".join(bytes([8, what, 3, 2, 3]) for what in range(12))


def tl_encode():
    for name in ("valid/create_group_call", "invalid/json"):
        for case in data("tl/%s.json" % name):
            method = case.get("method") or case["json"].get("_")
            if method not in methods("layer-229"):
                continue
            which = struct.pack("<BH", 1, methods("layer-229").index(method))
            yield which + json.dumps(case.get("json"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    which = methods("layer-229").index("messages.sendMessage")
    yield struct.pack("<BH", 1, which) + json.dumps({
        "peer": "@name", "message": "text", "random_id": "1", "silent": True,
        "entities": [{"_": "messageEntityBold", "offset": 0, "length": 4}],
        "reply_to": {"_": "inputReplyToMessage", "reply_to_msg_id": 3, "quote_text": "q"}, "send_as": -1001}).encode()
    which = methods("layer-229").index("invokeWithLayer")
    yield struct.pack("<BH", 1, which) + b'{"layer":229,"query":{"_":"help.getConfig"}}'


def wire_streams():
    frames = data("wire/frames.json")["frames"]
    for case in frames:
        yield case["framing"], bytes.fromhex(case.get("init", "")), bytes.fromhex(case["packet"])


FRAMINGS = {"abridged": 0, "intermediate": 1, "padded": 2, "padded_intermediate": 2, "full": 3}


def wire_server():
    for framing, init, packet in wire_streams():
        yield b"\3\0" + init + packet
        if framing != "full":
            yield b"\0" + bytes([FRAMINGS.get(framing, 0) + 3]) + packet
    yield b"\1\0GET / HTTP/1.1\r\n"
    yield b"\1\0" + bytes(range(64)) + bytes(40)


def wire_client():
    for framing, _, packet in wire_streams():
        for obfuscated in (0, 4):
            yield bytes([3, FRAMINGS.get(framing, 0) + obfuscated]) + packet
    for framing in range(4):
        yield bytes([0, framing]) + struct.pack("<Ii", 4, -404)
    yield bytes([0, 0]) + b"\1" + struct.pack("<i", -429)
    yield bytes([0, 1]) + struct.pack("<I", 0x80000077)


def packed():
    for case in data("mt/packets.json"):
        yield b"\0" + bytes.fromhex(case["packet"])
    body = struct.pack("<II", 0x11111111, 7)
    yield b"\2" + struct.pack("<QQQII", 1, 2, 3, 1, len(body)) + body + bytes(24)
    inner = struct.pack("<QII", 5, 1, 8) + body
    box = struct.pack("<II", 0x73f1f8dc, 1) + inner
    yield b"\1" + struct.pack("<QQQII", 1, 2, 3, 1, len(box)) + box + bytes(16)


def handshake_client():
    yield b"\0" + b"\0" * 3
    for lie in range(1, 29):
        yield bytes([lie]) + b"\0" * 6
    no_edit, edit = b"\0\0", b"\1\4\0\1\0"
    for how in (b"\1" + edit, b"\0\1" + edit, b"\0\3" + no_edit + b"\0", b"\0\3" + edit, b"\0\0\1" + edit, b"\0\4",
                b"\0\3\1\x28\0\1\0", b"\0\3\1\x2c\0\1\0"):
        yield b"\0" + how


def handshake_server():
    yield b"\0" * 4
    no_edit, edit = b"\0\0", b"\1\x40\0\1\0"
    for how in (b"\1" + edit, b"\0\1" + edit, b"\0\3" + no_edit, b"\0\3" + no_edit + b"\0", b"\0\4" + no_edit + b"\x60\0",
                b"\0\0\5" + no_edit, b"\0\0\5" + edit, b"\0\6\6", b"\0\0\6\6\0"):
        yield how


def constructors():
    names = re.findall(r'X\((MT_\w+), "(\w+)", 0x([0-9a-f]+)u\)', text("daemon/mt/ids.h"))
    return [int(number, 16) for _, _, number in names] + [0x22222222, 0x33333333]


def session():
    table = constructors()
    cases = data("mt/messages.json")["service_messages"]

    def message(bytes_):
        number = struct.unpack("<I", bytes_[:4])[0]
        rest = bytes_[4:][:250]
        return bytes([1, table.index(number), 4, len(rest)]) + rest
    for case in cases:
        bytes_ = bytes.fromhex(case["encoded"])
        yield b"\0\0\0" + message(bytes_) + b"\7\0\1"
        yield b"\1\0\0" + message(bytes_) + b"\6\7\0\1"
        yield b"\1\0\0" + message(bytes_) + b"\x08\0\1" + message(bytes_) + b"\x08\0\3\x09\0"
    result, error, ack, salt, bad, created, pong, info, state = (table.index(n) for n in (
        0xf35c6d01, 0x2144ca19, 0x62d6b459, 0xedab447b, 0xa7eff811, 0x9ec20908, 0x347773c5, 0x276d3ec6, 0x04deb57d))
    vector = b"\x04\x04" + struct.pack("<I", 0x1cb5c415)
    yield b"\0\0" + bytes([1, result, 3, 0, 2, len(table) - 2, 5, 9, 7, 1, 1])
    yield b"\0\0" + bytes([1, result, 3, 0, 2, error, 5, 200, 4, 8]) + b"\7FLOOD_1" + bytes([7, 1, 1])
    yield b"\0\0\0" + bytes([1, ack]) + vector + bytes([5, 1, 3, 0, 7, 0, 0, 10, 200])
    yield b"\0\0" + bytes([1, salt, 3, 0, 5, 1, 5, 48, 15, 7, 0, 0, 10, 4])
    for code in (16, 17, 18, 19, 20, 32, 33, 34, 35, 48, 64):
        yield b"\0\0" + bytes([1, bad, 3, 0, 5, 1, 5, code, 7, 0, 0, 10, 4])
    yield b"\0\0" + bytes([1, created, 3, 0, 15, 15, 7, 0, 1])
    yield b"\0" + bytes([10, 255, 1, pong, 3, 0, 15, 7, 0, 0])
    yield b"\0\0" + bytes([10, 60, 1, info, 3, 0, 3, 0, 5, 20, 5, 0, 7, 0, 0])
    yield b"\0\0" + bytes([10, 60, 1, state, 3, 0, 4, 4]) + b"\1\4\0\0" + bytes([7, 0, 0])
    yield b"\0\0" + bytes([13, 64, 0]) + bytes(64)
    salts, asked, again, every, copied = (table.index(n) for n in (0xae500895, 0xda69fb52, 0x7d861a08, 0x8cc0d131, 0xe06046b2))
    yield b"\0\0" + bytes([1, len(table) - 2, 5, 9, 6, 16, 0, 7, 1, 1])
    yield b"\0\0" + bytes([1, result, 3, 0, 2, len(table) - 2, 5, 9, 18, 0, 1, 7, 0, 1])
    yield b"\0" + bytes([10, 255, 1, salts, 3, 0, 5, 1, 5, 1, 5, 1, 5, 200, 15, 7, 0, 0])
    yield b"\0" + bytes([14, 1, 1, table.index(0xe22045fc), 15, 7, 0, 0])
    for kind in (asked, again, ack, copied):
        yield b"\0\0" + bytes([1, kind, 19, 2, 0, 1, 7, 0, 0])
    yield b"\0\0" + bytes([1, every, 19, 1, 0, 4, 4]) + b"\1\4\0\0" + bytes([7, 0, 0])


def chaos():
    draw = random.Random(1)
    for n in (40, 300, 900):
        yield bytes(draw.randrange(256) for _ in range(n))


def gzip_():
    for case in data("base/gzip.json").values() if isinstance(data("base/gzip.json"), dict) else data("base/gzip.json"):
        for value in (case.values() if isinstance(case, dict) else []):
            if isinstance(value, str) and re.fullmatch(r"(?:[0-9a-f]{2})+", value):
                yield bytes.fromhex(value)
    yield gzip.compress(b"text " * 20, mtime=0)
    yield zlib.compress(b"text " * 20)
    yield gzip.compress(bytes(1 << 17), mtime=0)
    yield b"\x1f\x8b\x08\x04\0\0\0\0\0\0"


def peer_text():
    yield from (t.encode() for t in (
        "@name", "name_1", "me", "t.me/name", "https://t.me/+AAAAAAhash", "http://telegram.me/joinchat/hash/",
        "telegram.dog/name?x#y", "t.me/+15550001111", "+1 555 (000) 1-1", "123", "-456", "-1001234567890", "-1000000000001",
        "-1997852516352", "-3000000000000", "1099511627775", "9223372036854775807", "-9223372036854775808", "@", "t.me/c/1/2",
        "t.me/joinchat/", "https://t.me", "https://www.t.me/s/name/1", "name.t.me", "t.me/@name", "t.metelegram.me/name",
        "t.me/c/1234567890/2/3?thread=1", "t.me/%2Bhash", "tg://resolve?domain=name&post=1", "tg:resolve/?phone=15550001#x",
        "tg://join?invite=hash", "tg://privatepost?channel=1234567890", "tg://user?id=1001", "t.me/share/url?url=x", "t.me/имяимя",
        "t.me/name/" + "é" * 40, "t.me/na\x1b[31m"))
    yield from (struct.pack("<q", n) for n in (1, -1, -1000000000001, -4000000000000, 1 << 40, -999999999999))


def hook_url():
    yield from (
        b"https://hooks.example/tgcalld", b"http://127.0.0.1:1/", b"HTTPS://Hooks.Example./x",
        b"http://a_b.example:80/", b"http://1password.com/", b"http://127.0.0.1.example/", b"hooks.example/x",
        b"ftp://hooks.example/", b"file:///etc/passwd", b"gopher://127.0.0.1:25/", b"unix:/run/x", b"https://",
        b"https:///x", b"https:/hooks.example/", b"https://user@hooks.example/", b"https://user:word@hooks.example/",
        b"https://:word@hooks.example/", b"https://hooks.example@127.0.0.1/", b"https://hooks.example/#top",
        b"https://hooks.example:0/", b"https://hooks.example:65536/", b"https://hooks.example:-1/",
        b"https://hooks.example:80x/", b"https://hooks.example/a b", b"https://hooks.example/a\r\nHost: x",
        b"https://hooks.example\\@127.0.0.1/", b"https://h\xc3\xb6oks.example/", b"https://hooks%2eexample/",
        b"http://10.0.0.1/", b"http://192.168.1.1/", b"http://169.254.169.254/latest/meta-data/", b"http://0.0.0.0/",
        b"http://[::]/", b"http://[fe80::1]/", b"http://[fd00::1]/", b"http://[::ffff:10.0.0.1]/",
        b"http://[::ffff:a00:1]/", b"http://[::10.0.0.1]/", b"http://[64:ff9b::a00:1]/", b"http://[2002:a00:1::]/",
        b"http://[ff02::1]/", b"http://224.0.0.1/", b"http://2130706433/", b"http://0x7f000001/",
        b"http://017700000001/", b"http://127.1/", b"http://127.0.1/", b"http://0177.0.0.1/", b"http://0x7f.0.0.1/",
        b"http://127.0.0.01/", b"http://127.0.0.1./", b"http://127.0.0.256/", b"http://1.2.3.4.5/",
        b"http://example.0x1/", b"http://3232235777/", b"http://0/", b"http://[::1%25lo]/", b"http://[fe80::1%25eth0]/",
        b"http://[::1/", b"http://[127.0.0.1]/", b"http://[v1.x]/", b"http://[]/", b"loopback", b"private",
        b"10.1.0.0/16", b"fd00::/8", b"10.0.0.0/33", b"fe80::/10x")


def session_string():
    strings = data("tg/session_strings.json")["valid"]
    formats = ("telethon", "pyrogram", "gramjs", "mtcute")
    for case in strings:
        yield bytes([formats.index(case["format"])]) + case["text"].encode()
    yield bytes([1]) + strings[0]["text"].encode()
    yield bytes([0]) + strings[0]["text"][:200].encode()


def calendar():
    for number, case in enumerate(data("calendar/rfc5545.json")):
        yield bytes([0, number % 8]) + (case["start"] + "\n" + case["rrule"]).encode()
    yield from (bytes([0, number % 8]) + b"2026-03-28T02:15:00\nFREQ=" + rule for number, rule in enumerate((
        b"MINUTELY;INTERVAL=30", b"HOURLY;INTERVAL=25;BYHOUR=2", b"DAILY;BYMONTH=2;BYMONTHDAY=30", b"YEARLY;BYWEEKNO=-1,53;WKST=SU",
        b"MONTHLY;BYDAY=1MO,TU,-5FR;BYSETPOS=1,-1", b"WEEKLY;BYDAY=SU;BYHOUR=1,2,3;BYMINUTE=0,30;BYSETPOS=2",
        b"DAILY;UNTIL=20270101T000000Z", b"MINUTELY;INTERVAL=1441;BYMINUTE=1;BYYEARDAY=-1")))
    for name in ("Europe/Berlin", "Africa/Casablanca", "UTC"):
        yield b"\1" + raw(os.path.join("/usr/share/zoneinfo", name))
    yield from (b"\2" + rule for rule in (
        b"UTC0", b"<+0330>-3:30", b"EST5EDT,M3.2.0,M11.1.0", b"IST-1GMT0,M10.5.0,M3.5.0/1", b"EST5EDT,0/0,J365/25",
        b"<-02>2<-01>,M3.5.0/-1,M10.5.0/0"))
    yield from (b"\3\1" + title.encode() for title in ("Übung %d. %B %Y, %H:%M %Z", "%A" * 40, "100%%", "%"))


def time_text():
    yield from (t.encode() for t in (
        "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123456+02:00", "0000-01-01T00:00:00-23:59", "9999-12-31T23:59:60Z",
        "2024-02-29t00:00:00z", "2023-02-29T00:00:00Z", "10s", "500ms", "5m", "2h", "30 s", "30", "9223372036854775807h",
        "-1s", "1.5s", "2026-01-31 12:00:00Z", ""))


def codecs():
    yield from (b"", b"00ff", b"0g", b"AAAA", b"AA==", b"AB==", b"+/8=", "Планёрка €😀".encode(), b"\xc0\x80", b"\xed\xa0\x80",
                b"\xf4\x90\x80\x80", bytes(range(256)))


def rsa_pem():
    for name in sorted(os.listdir(os.path.join(TOP, "config", "keys"))):
        yield raw("config/keys/" + name)

    def pems(value):
        if isinstance(value, str) and "BEGIN" in value:
            yield value.encode()
        elif isinstance(value, (dict, list)):
            for inner in (value.values() if isinstance(value, dict) else value):
                yield from pems(inner)
    yield from list(pems(data("crypto/rsa_keys.json")))[:8]
    yield b"-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n"


def settings():
    for path in sorted(glob.glob(os.path.join(DATA, "config", "*", "*.conf"))):
        content = raw(path)
        if len(content) < 1500:
            yield content
    yield raw("config/dc/test.conf")
    for address in ("127.0.0.1:8765", "[::1]:0", "name.example:443", "[::1", "1.2.3.4:65536", ":1"):
        yield address.encode()


def http_target():
    yield from (b"\0" + t.encode() for t in (
        "/", "/v1/calls?limit=10&account=a", "/v1/calls/123", "/v1/calls/-1?limit=0", "/v1/peers/%40name", "/v1/peers/t.me%2Fname",
        "/v1/peers/%00", "/v1/peers/%ff", "/v1/calls/1/participants/-1001", "http://h:1/v1/calls", "https:///x", "//", "/a/b/c/d/e/f/g/h/i",
        "/v1/calls?limit=1&limit=2", "/v1/calls?peer=%zz", "/v1/events?wait=60&after=1", "*", "", "/healthz", "/v1/accounts/A"))
    yield from (bytes([m]) + b"/v1/calls/1?account=a" for m in range(8))
    yield b"\2/v1/methods/phone.createGroupCall?account=x"


def http_body():
    bodies = ('{"peer":"@name","title":"x","schedule_date":"2026-01-31T12:00:00Z","random_id":"1","if_exists":"fail"}',
              '{"name":"a-1"}', '{"phone":"+15550001"}', '{"code":"12345"}', '{"password":"x"}', '{"title":null,"join_muted":true}',
              '{"peer":-1001234567890,"random_id":0}', '{"peer":{"_":"inputPeerSelf"}}', '{"a":1,"a":2}', '[1]', '"x"', '{',
              '{"x":99999999999999999999}', '{"\\u0000":"\\u0000"}', '{"peer":""}', '', '{"send_paid_messages_stars":"5"}',
              ' { "a" : -0 , "b" : 01 } ', '{"a":-123456789012345678,"b":1234567890123456789,"c":1.0}', '{"a":true,"b":null,}', '{"":"","":1}')
    for route in range(0, 60, 3):
        for body in bodies[route % 5::5]:
            yield bytes([route, 0]) + body.encode()
    yield bytes([2, 1]) + b" " * 300


def http_front():
    """Two requests at a time: what ends the first where one reader sees an end and another does not, and a plain one."""
    get, post = b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    body, chunked = b'{"peer":"me"}', b"Transfer-Encoding: chunked\r\n\r\n"
    firsts = [get + b"\r\n", b"\r\n" + get + b"\r\n", b"HEAD" + get[3:] + b"\r\n", b"HEAD" + get[3:] + b"A : b\r\n\r\n",
              get + b"Connection: close\r\n\r\n", get.replace(b"1.1", b"1.0") + b"\r\n", get.replace(b"1.1", b"1.0") + b"Connection: Keep-Alive\r\n\r\n",
              b"GET http://x:1/ HTTP/1.1\r\nHost: x\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
              b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1\nHost: x\n\n", b"\0" + get + b"\r\n", get + b"\0X: y\r\n\r\n",
              b"GET /a%2fb?c=%00&d=e HTTP/1.1\r\nHost: x\r\nCookie: a=b; c=\"d\"\r\n\r\n", get + b"Host: x\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
              get + b"Expect: 100-continue\r\n\r\n", post + b"Expect: 100-continue\r\nContent-Length: 13\r\n\r\n" + body,
              get + b"Content-Length: 5\r\n\r\nhello", get + b"X: " + b"y" * 15000 + b"\r\n\r\n"]
    for length in (b"13", b"13 ", b" 13", b"013", b"+13", b"-1", b"13, 13", b"0xd", b"", b"1 3", b"13\0", b"18446744073709551629", b"13\r\n ", b"\r\n 13", b"62"):
        firsts.append(post + b"Content-Length:" + length + b"\r\n\r\n" + body)
    firsts.append(post + b"Content-Length : 13\r\n\r\n" + body)
    firsts.append(post + b"Content-Length: 13\r\nContent-Length: 3\r\n\r\n" + body)
    firsts.append(post + b"Content-Length: 3\r\n" + chunked + b"d\r\n" + body + b"\r\n0\r\n\r\n")
    for coding in (b"Transfer-Encoding : chunked", b"Transfer-Encoding: chunked ", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding:\r\n chunked"):
        firsts.append(post + coding + b"\r\n\r\nd\r\n" + body + b"\r\n0\r\n\r\n")
    for line, end, last in ((b"d", b"\r\n", b"0\r\n\r\n"), (b"d;a=b", b"\r\n", b"0;c\r\n\r\n"), (b"d", b"\n", b"0\r\n\r\n"), (b"D", b"\r\n", b"0\r\nX: y\r\n\r\n"),
                            (b"d ;a", b"\r\n", b"0\r\nX : y\r\n\r\n"), (b"0xd", b"\r\n", b"0\r\n\r\n"), (b"c", b"\r\n", b"0\r\n\r\n"), (b"d", b"\r\n", b"0\n\n"),
                            (b"ffffffffffffffffd", b"\r\n", b""), (b"d;" + b"a" * 300, b"\r\n", b"0\r\n\r\n"), (b"d", b"\r\n", b"00\r\n\r\n")):
        firsts.append(post + chunked + line + b"\r\n" + body + end + last)
    for number, first in enumerate(firsts):
        yield bytes([(0, 1, 7, 100)[number % 4]]) + first + (get if number % 3 else post + b"Content-Length: 13\r\n") + b"\r\n" + body


def http_guard():
    yield from (b"\0" + t.encode() for t in (
        "localhost:8765\n\napplication/json\n10\nBearer tgc_x\nid-1\n", "127.0.0.1\nhttp://127.0.0.1\n\n\n\n\n",
        "[::1]:1\nhttps://app.example\ntext/plain\n", "192.0.2.7:80\nhttp://192.0.2.7:80\n", "evil\nhttp://evil\n", "[::1", "a:b\n",
        "localhost\nnull\nApplication/JSON; charset=\"UTF-8\"\n99999999999999999999\nbearer  x\nbad id\nPUT", "\n\n\n"))
    yield b"\1\nhttp://x\n"
    yield b"\2localhost\nhttps://app.example\n\n\n\n\nPUT"


def tokens():
    one = {"name": "a", "hash": "00" * 32, "scopes": ["read", "calls"], "created_at": 1}
    for value in ({"tokens": []}, {"tokens": [one]}, {"tokens": [dict(one, accounts=["x"]), dict(one, name="b", hash="11" * 32)]},
                  {"tokens": [one, one]}, {"tokens": [dict(one, scopes=["all"])]}, {"tokens": [dict(one, hash="0")]}, {}, [],
                  {"tokens": [dict(one, accounts=[])]}, {"tokens": [dict(one, name=1)]}, {"tokens": [dict(one, created_at="x")]}):
        yield json.dumps(value).encode()
    yield b"tgc_" + b"A" * 43


def job_pack():
    one = {"method": "call_create", "path": {}, "query": {"limit": 5}, "body": {"title": "a", "random_id": -1, "x": [1.5, None]},
           "request_id": "r", "left_us": 1000, "admin": True, "secrets": False, "names_allowed": False, "account": "a",
           "scopes": ["read"], "scopes_needed": ["calls"], "accounts": ["a"],
           "terms": {"token": "t", "token_id": "0", "key": "k", "async": False, "has_wait": True, "wait": 3}}
    for value in (one, dict(one, method="events_read"), dict(one, method="fly"), dict(one, scopes_needed=["fly"]), dict(one, accounts=[1]),
                  dict(one, left_us=-1), dict(one, left_us=1 << 62), dict(one, account="a" * 100), dict(one, terms={"key": "k" * 999}),
                  dict(one, terms=5), dict(one, request_id="a\0b"), dict(one, body=[])):
        yield b"\1" + json.dumps(value).encode()
    problem = {"type": "tag:tgcalld,2026:not-found", "title": "x", "status": 404, "detail": "d", "errors": [{"pointer": "/a", "detail": "b"}]}
    for value in ({"status": 200, "location": "/v1/calls/5", "account": "a", "is_secret": True}, {"status": 0, "problem": problem},
                  {"status": 0, "problem": dict(problem, status=1)}, {"status": 0, "problem": dict(problem, type="x:fly")}, {"status": -1}, []):
        head = json.dumps(value).encode()
        yield b"\1" + struct.pack("<I", len(head)) + head + b"{}"
    yield b"\1\xff\xff\xff\xff{}"
    yield b"\2{}"


def served():
    """What chooses each method that the sandbox serves: its table and its row, in the order of tl_make.c."""
    tables = re.search(r"tables\[\] = \{(.*?)\};", text("tests/fuzz/tl_make.c"), re.S).group(1)
    sources = "".join(text(os.path.relpath(path, TOP)) for path in glob.glob(os.path.join(TOP, "daemon/sandbox/rpc/*.c")))
    for table, name in enumerate(re.findall(r"rpc_\w+_rows", tables)):
        rows = re.search(r"struct rpc_row %s\[\] = \{(.*?)\n\};" % name, sources, re.S).group(1)
        for row in range(len(re.findall(r'\{"', rows))):
            yield bytes([table, row])


# phone.createGroupCall in the seeded basic group; joining, leaving and the rest find it.
CREATE = b"\0\0\0\0\2\1"
JOIN = b"\1\2\0\0\1\0\0\0\5"


def raw_queries():
    for name in ("create_group_call", "updates"):
        for case in data("tl/valid/%s.json" % name):
            if len(bound(case)) < 256:
                yield bound(case)


def in_calls():
    """Ways of being in a call of the seeded groups, each as what chooses a method and its values: who, then the call."""
    for chat in (2, 6, 10):  # basic, channel, supergroup
        create = [(0, CREATE[:4] + bytes([chat, 1])), (0, CREATE[:4] + bytes([chat, 2]))][chat == 10:]
        for speaks in (0, 6):  # as oneself, as a channel
            join = (0, JOIN[:6] + bytes([speaks]) + JOIN[7:])
            for bit in range(7):
                for value in (1, 0, 30):
                    edit = b"\2\0" + bytes([1 << bit if bit < 6 else 3, 0, 0, 0, 0, value, value, value])
                    yield create + [join, (0, edit), (0, edit[:-3] + bytes([value ^ 1] * 3))]
            yield create + [join, (1, JOIN[:-1] + b"\6"), (1, b"\2\0\4\0\0\0\0\1"), (0, b"\2\0\1\0\0\0\1\0"), (0, b"\1\3\0\0\6")]
        yield create + [(0, b"\x09\1\0\2\0\0"), (0, b"\x09\1\0\3\0\0"), (0, b"\x09\2\0\0" + bytes([chat // 4]) + b"\0\0\2\x40")]


def sandbox_query():
    draw = random.Random(1)
    for steps in in_calls():
        yield b"\2" + b"".join(bytes([who]) + chosen for who, chosen in steps)
    for method in served():
        rest = bytes(draw.randrange(64) for _ in range(24))
        yield b"\0\0" + CREATE + b"\0" + JOIN + b"\0" + method + rest
        yield b"\2\x21" + method + rest + b"\x62" + method + rest
    for query in raw_queries():
        yield b"\0\x18" + bytes([len(query)]) + query
    # A login by code; one behind a password; an authorization for the other data centre.
    yield b"\1\0\6\0" + b"\1\1\1" + b"\0\6\3\1\1\1\1\1" + b"\0\6\3\1\1\1\1\1"
    yield b"\1\0\6\0\2\1\1\0\6\3\2\1\1\1\1\0\x08\0\0\6\5\0\0"
    yield b"\0\0\6\7\3\2\6\x08\0\0"
    yield b"\0\1\7\0\2\1\0\0\7\2\0\1\7\0\2\1\0"


def sandbox_session():
    draw = random.Random(2)
    for steps in list(in_calls())[::5]:
        yield b"\0" + b"".join(b"\0" + bytes([who * 2]) + chosen + b"\0" for who, chosen in steps)
    for method in served():
        rest = bytes(draw.randrange(64) for _ in range(24))
        yield b"\0\0\0" + CREATE + b"\0\0\0" + method + rest + b"\0\0\1" + method + rest
        yield b"\0\0\x3c" + method + rest + b"\x0a\0\x12"
    for case in data("mt/messages.json")["service_messages"]:
        message = bytes.fromhex(case["encoded"])[:255]
        yield b"\0\x14" + bytes([len(message)]) + message + b"\0\x14" + bytes([len(message)]) + message + b"\1\x0a\0"
    for query in raw_queries():
        yield b"\0\x14" + bytes([len(query)]) + query + b"\0"
    for what in range(16):
        yield b"\0\0\0" + CREATE + b"\0\x08\0" + bytes([what]) + b"\3\0\1\x60\0\x13\0\x12"
    for fault in range(18):
        yield b"\0\0\0" + CREATE + b"\0\x0d" + bytes([fault]) + b"\5\0\0" + CREATE[:-1] + b"\2\0\x0c\0\0\0" + CREATE + b"\0\x0f"
    for which in range(6):
        yield b"\0\x0e" + bytes([which, 1]) + b"\0\0" + CREATE + b"\0\0\1" + CREATE[:-1] + b"\2\0\x0b\xff\x20\0\0" + CREATE + b"\0"
    for how in range(0xa0, 0xa8):
        yield b"\0\0\0" + CREATE + b"\0\0\0" + CREATE[:-1] + b"\2" + bytes([how, 1, 2]) + b"\x08\0\1\0" + bytes([how, 1, 2])
    for what in range(4):
        yield b"\0\x15\x08" + bytes([what]) + b"\0\0" + b"\x15\xf9" + bytes([what]) + b"\1\0"
    yield b"\0\x11\0\0\x40" + b"\0\3" + CREATE + b"\0" + b"\x11\x10\1\x40"
    yield b"\0" + b"\x0c\x04" + b"\x0c\x19" + b"\x0c\x0e" + b"\x10\2\x40\0" + bytes(64) + b"\x10\1\x40\0" + bytes(64)


def control():
    def ask(verb, path, body=b"", since=0):
        return bytes([0, verb, path, since]) + struct.pack("<H", len(body)) + body
    query = b"\6" + CREATE
    for rule in ({"type": "rpc_error", "code": 420, "message": "FLOOD_WAIT_3", "method": "phone.createGroupCall"},
                 {"type": "delay", "ms": 5}, {"type": "large", "n": 5, "method": "contacts.getContacts"},
                 {"type": "migrate", "dc": 2}, {"type": "packet", "lie": "msg_key"}, {"type": "transport_error", "code": -404},
                 {"type": "bad_msg", "code": 16, "count": 0}, {"type": "handshake", "lie": "legal_retry_once"},
                 {"type": "forget_key", "permanent": True}, {"type": "drop_before"}, {"type": "x"}, {"type": "gzip", "count": 3},
                 {"type": "container", "method": "no.such"}):
        yield ask(1, 0, json.dumps(rule).encode()) + query + ask(0, 2) + query
    for options in ({"any_dc": True, "containers": True}, {"transport_pad": 3, "gzip_min": 1, "write_size": 7},
                    {"clock_skew_s": -5, "salt_period_s": 60, "handshake": "legal_other_prime"}, {"handshake": ""},
                    {"gzip_min": -1}, {"no": 1}):
        yield ask(1, 1, json.dumps(options).encode()) + query + ask(0, 2)
    yield query + ask(0, 2) + ask(0, 3) + ask(0, 3, since=2) + ask(0, 3, since=3) + ask(0, 5) + ask(1, 4)
    yield ask(1, 0, b'{"a":1,"a":2}') + ask(1, 0, b"[") + ask(0x21, 1, b"[1]") + ask(0x19, 0, b"x") + ask(0xf0, 2)
    for host in range(6):
        yield bytes([0, 0x40, 2, 0, host, 0, 0])


def rpc_error():
    yield from (struct.pack("<h", c) + t.encode() for c, t in (
        (420, "FLOOD_WAIT_17"), (400, "FILE_PART_3_MISSING"), (303, "PHONE_MIGRATE_2"), (500, ""), (-503, "Timeout"),
        (400, "A_99999999999999999999"), (400, "_1_2_3"), (400, "é\n\0x"), (401, "X" * 300), (420, "FLOOD_WAIT_0")))


def store_rows():
    edit = lambda column, value: bytes([column]) + struct.pack("<H", len(value)) + value
    sealed = b"\1" + bytes(range(60))
    yield b""
    for column in range(20):
        yield edit(column, b"")
        yield edit(column, struct.pack("<q", 4))
        yield edit(column, sealed)
        yield edit(column, b"\xff" * 8) + edit((column + 7) % 20, b"9223372036854775807")
    yield edit(17, b"production") + edit(18, b"other keys")
    yield edit(5, "änna".encode()) + edit(6, b"\xc3\x28") + edit(15, b"a\0b")
    yield edit(4, bytes(70000 % 65536)) + edit(11, b"x" * 5000)
    for column in range(22, 27):
        yield edit(column, b"")
        yield edit(column, struct.pack("<q", 4))
        yield edit(column, sealed)
    # A page of one event, as it is and as an LZ4 block: 33 bytes, 94 of the last one again, 5 bytes.
    page = struct.pack("<qqHHI", 1, 1700000000, 4, 4, 100) + b"annacall" + b"x" * 100
    block = b"\xff" + bytes([33 - 15]) + page[:33] + b"\1\0" + bytes([94 - 4 - 15]) + b"\x50" + b"x" * 5
    yield page
    for length in (len(page), len(page) - 1, 1 << 20, (1 << 20) + 1, 1 << 63):
        yield struct.pack("<q", -length) + block
    yield struct.pack("<q", -len(page)) + block[:-9]


def updates():
    for case in data("tl/valid/updates.json"):
        for which, layer in enumerate(LAYERS):
            if layer in case.get("schemas", LAYERS):
                yield bytes([which, 8]) + struct.pack("<H", len(bound(case))) + bound(case)
    chance = random.Random(17)
    for which in (0, 1):
        # Mostly in order; then anything.
        yield bytes([which]) + b"".join(bytes([0, 1, chance.randrange(8), chance.randrange(3, 6), 1, 0, 12, 0, 9]) for _ in range(40))
        for _ in range(16):
            yield bytes([which]) + chance.randbytes(400)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    skipped = {"main", "text", "raw", "data", "methods", "bound", "wire_streams", "constructors",
               "served", "raw_queries", "in_calls"}
    for name, function in list(globals().items()):
        if not callable(function) or name in skipped or not hasattr(function, "__code__"):
            continue
        folder = os.path.join(sys.argv[1], name.rstrip("_"))
        os.makedirs(folder, exist_ok=True)
        for number, content in enumerate(function()):
            with open(os.path.join(folder, "seed-%03d" % number), "wb") as f:
                f.write(content)


main()
