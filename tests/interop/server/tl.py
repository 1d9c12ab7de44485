"""TL, driven by the text of a schema: objects are dicts with "_", strings and bytes are bytes.

Decoding is strict, because a server judges its clients: shortest string lengths, zero padding, no undefined flag bits, no
bytes left over. Encoding fills in what an answer leaves out (numbers 0, strings and vectors empty)."""
import re
import struct

VECTOR, TRUE, FALSE, GZIP = 0x1CB5C415, 0x997275B5, 0xBC799737, 0x3072CFA1
PLAIN = {"int": "<i", "long": "<q", "double": "<d"}


class TlError(Exception):
    pass


class Raw(bytes):
    """Serialised already: written as it stands wherever an object may stand."""


class Combinator:
    def __init__(self, line, function):
        m = re.match(r"([\w.]+)#([0-9a-f]{1,8})\s+(.*?)=\s*([\w.<> ]+);", line)
        if not m:
            raise TlError("not a declaration: " + line)
        self.name, self.id, self.result, self.function = m[1], int(m[2], 16), m[4].strip(), function
        self.fields = []
        for text in re.sub(r"\{[^}]*\}", "", m[3]).split():
            if ":" not in text:
                self.fields = []  # The declaration of vector itself.
                break
            name, kind = text.split(":", 1)
            c = re.match(r"(\w+)\.(\d+)\?(.*)", kind)
            self.fields.append((name, c[3], (c[1], int(c[2]))) if c else (name, kind, None))
        self.bits = {n: sum({1 << w[1] for _, _, w in self.fields if w and w[0] == n}) for n, k, _ in self.fields if k == "#"}


class Schema:
    def __init__(self, *paths):
        self.by_id, self.by_name = {}, {}
        for path in paths:
            function = False
            for line in open(path, encoding="utf-8"):
                line = line.split("//")[0].strip()
                if line.startswith("---"):
                    function = line == "---functions---"
                elif line:
                    c = Combinator(line, function)
                    self.by_id[c.id] = c
                    self.by_name[c.name] = c

    def encode(self, value, kind="Object"):
        out = bytearray()
        self._write(out, value, kind)
        return bytes(out)

    def _write(self, out, v, kind):
        if isinstance(v, Raw):
            out += v
        elif kind in PLAIN:
            out += struct.pack(PLAIN[kind], v or 0)
        elif kind in ("string", "bytes"):
            out += string(v.encode() if isinstance(v, str) else v or b"")
        elif kind in ("int128", "int256"):
            assert len(v) == int(kind[3:]) // 8
            out += v
        elif kind == "Bool":
            out += struct.pack("<I", TRUE if v else FALSE)
        elif kind.lower().startswith("vector<"):
            if kind[0] == "V":
                out += struct.pack("<I", VECTOR)
            out += struct.pack("<i", len(v or []))
            for item in v or []:
                self._write(out, item, kind[7:-1])
        elif isinstance(v, bool):
            out += struct.pack("<I", TRUE if v else FALSE)
        elif isinstance(v, list):
            self._write(out, v, "Vector<Object>")
        else:
            if v is None:
                raise TlError("a %s is missing" % kind)
            if kind[0].islower() and "." not in kind:
                self._fields(out, self.by_name[kind], v)
            else:
                c = self.by_name[v["_"]]
                out += struct.pack("<I", c.id)
                self._fields(out, c, v)

    def _fields(self, out, c, v):
        for name, kind, when in c.fields:
            if kind == "#":
                word = v.get(name, 0)
                for other, other_kind, w in c.fields:
                    if w and w[0] == name and v.get(other) not in ((None, False) if other_kind == "true" else (None,)):
                        word |= 1 << w[1]
                out += struct.pack("<I", word)
            elif when and (kind == "true" or v.get(name) is None):
                continue
            else:
                try:
                    self._write(out, v.get(name), kind)
                except TlError as e:
                    raise TlError("%s.%s: %s" % (c.name, name, e))


class Reader:
    def __init__(self, schema, data, complain=None):
        self.schema, self.data, self.at, self.complain = schema, data, 0, complain or (lambda text: None)

    def take(self, n):
        if n < 0 or self.at + n > len(self.data):
            raise TlError("%d bytes wanted, %d left" % (n, len(self.data) - self.at))
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def string(self):
        n, head = self.take(1)[0], 1
        if n == 255:
            raise TlError("a string starts with ff")
        if n == 254:
            n, head = int.from_bytes(self.take(3), "little"), 4
            if n < 254:
                self.complain("a string of %d bytes has the long length" % n)
        data = self.take(n)
        if self.take(-(head + n) % 4).strip(b"\0"):
            self.complain("the padding of a string is not zero")
        return bytes(data)

    def value(self, kind):
        if kind in PLAIN:
            return self.number(PLAIN[kind])
        if kind == "#":
            return self.number("<I")
        if kind in ("string", "bytes"):
            return self.string()
        if kind in ("int128", "int256"):
            return bytes(self.take(int(kind[3:]) // 8))
        if kind.lower().startswith("vector<"):
            if kind[0] == "V" and self.number("<I") != VECTOR:
                raise TlError("no vector where %s belongs" % kind)
            n = self.number("<i")
            if not 0 <= n <= (len(self.data) - self.at) // 4:
                raise TlError("a vector of %d" % n)
            return [self.value(kind[7:-1]) for _ in range(n)]
        if kind[0].islower() and "." not in kind:
            return self.fields(self.schema.by_name[kind])
        return self.boxed(kind)

    def boxed(self, kind="Object"):
        number = self.number("<I")
        if number in (TRUE, FALSE):
            return number == TRUE
        c = self.schema.by_id.get(number)
        if not c:
            raise TlError("unknown constructor %08x" % number)
        if kind not in ("Object", "X", "!X", c.result):
            raise TlError("%s where a %s belongs" % (c.name, kind))
        if c.function != (kind in ("!X", "X")) and kind != "Object":
            raise TlError("%s is a %s" % (c.name, "method" if c.function else "type"))
        return self.fields(c)

    def fields(self, c):
        v = {"_": c.name}
        for name, kind, when in c.fields:
            if when and not v[when[0]] >> when[1] & 1:
                continue
            v[name] = True if kind == "true" else self.value(kind)
            if kind == "#" and v[name] & ~c.bits[name]:
                self.complain("undefined bits %x in %s.%s" % (v[name] & ~c.bits[name], c.name, name))
        return v

    def end(self):
        if self.at != len(self.data):
            raise TlError("%d bytes after the object" % (len(self.data) - self.at))


def string(data):
    head = bytes([len(data)]) if len(data) < 254 else b"\xfe" + len(data).to_bytes(3, "little")
    return head + data + bytes(-(len(head) + len(data)) % 4)
