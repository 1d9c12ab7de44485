"""The server's half of the key exchange, strict with the client, and every lie a client must see through.

A lie is told as often as Habits.lies counts; after each the server notes whether the client went on as if it believed it."""
import os
import random

from . import crypto as c
from .tl import Reader, TlError


class Refused(Exception):
    """The client gets -404; the reason is one of its own doing."""


def composite():
    return (1 << 2047 | 12345) | 1


# The first prime above 2^2047: (p - 1) / 2 is none. g = 4 suits every prime.
UNSAFE_PRIME = (1 << 2047) + 1919

PQ_LIES = {"pq is prime": lambda: c.octets(c.prime(62)), "pq is 0": lambda: b"\0", "pq is 1": lambda: b"\1",
           "pq is even": lambda: c.octets(2 * c.prime(60)), "pq is empty": lambda: b"",
           "pq is a square": lambda: c.octets(c.prime(31) ** 2), "pq has 9 bytes": lambda: c.octets(c.prime(36) * c.prime(36)),
           "pq has three factors": lambda: c.octets(c.prime(20) * c.prime(20) * c.prime(20)),
           "pq is above 2^63": lambda: c.octets(c.prime(32) * c.prime(32))}
GROUP_LIES = {"dh_prime composite": lambda: (3, composite()), "dh_prime not safe": lambda: (4, UNSAFE_PRIME),
              "dh_prime of 2047 bits": lambda: (4, (c.KNOWN_PRIME - 1) // 2), "dh_prime of 2049 bits": lambda: (4, c.KNOWN_PRIME * 2 + 1),
              "dh_prime is 0": lambda: (4, 0), "the known prime off by 2": lambda: (3, c.KNOWN_PRIME + 2),
              **{"g is %d" % g: (lambda g=g: (g, c.KNOWN_PRIME)) for g in (-1, 0, 1, 2, 5, 6, 8)}}
GA_LIES = {"g_a is 0": lambda p: 0, "g_a is 1": lambda p: 1, "g_a is p - 1": lambda p: p - 1, "g_a is p": lambda p: p,
           "g_a is below 2^1984": lambda p: (1 << 1984) - 1, "g_a is above p - 2^1984": lambda p: p - (1 << 1984) + 1,
           "g_a is above p": lambda p: p + pow(3, 12345, p)}
PQ_STEP = ["resPQ has another nonce", "resPQ has no known fingerprint", "resPQ has no fingerprint", "resPQ is a pong",
           "resPQ is cut short", *PQ_LIES]
DH_STEP = ["DH_params has another nonce", "DH_params has another server_nonce", "DH_params is fail", "the DH answer is not of 16s",
           "the DH answer has a wrong SHA1", "the DH answer has 16 bytes of padding", "the DH answer has another nonce",
           "the DH answer has another server_nonce", "the DH answer is another constructor", "the DH answer is empty",
           "the DH answer is encrypted with another key", *GROUP_LIES, *GA_LIES]
GEN_STEP = ["dh_gen has another nonce", "dh_gen has another server_nonce", "dh_gen_ok has a wrong hash", "dh_gen_ok has hash 2",
            "dh_gen_ok has hash 3", "dh_gen_retry has a wrong hash", "dh_gen_retry without end", "dh_gen_fail has a wrong hash",
            "dh_gen_fail", "dh_gen is a resPQ"]
LIES = PQ_STEP + DH_STEP + GEN_STEP


class Handshake:
    def __init__(self, server, schema):
        self.server, self.schema, self.habits = server, schema, server.habits
        self.step, self.answered, self.lie, self.tries = "pq", {}, None, 0

    def complain(self, text):
        (self.server.note if self.lie else self.server.violation)("key exchange: " + text)

    def handle(self, body):
        """The answer to one plain query."""
        if body in self.answered:
            return self.answered[body]
        try:
            reader = Reader(self.schema, body, self.complain)
            query = reader.boxed()
            reader.end()
            name = query["_"]
            if self.lie and self.step == {"req_DH_params": "dh", "set_client_DH_params": "gen"}.get(name):
                if not (self.lie == "dh_gen_retry without end"):
                    self.server.believed.append(self.lie)
            method = {"req_pq_multi": self.req_pq, "req_DH_params": self.req_dh, "set_client_DH_params": self.set_dh}.get(name)
            if not method:
                raise Refused("%s is no query of the key exchange" % name)
            answer = method(query)
        except (Refused, TlError, ValueError) as e:
            self.complain(str(e))
            return None
        self.answered[body] = answer
        return answer

    def lies(self, step):
        """The lie to tell in this step, if one is due."""
        wanted = self.habits.lie
        if wanted in step and self.habits.lies > 0:
            self.habits.lies -= 1
            self.lie = wanted
            self.server.told.append(wanted)
            return wanted
        return None

    def req_pq(self, q):
        self.nonce, self.server_nonce, self.step, self.tries = q["nonce"], os.urandom(16), "dh", 0
        p, r = sorted(random.sample([c.half_prime(), c.half_prime(), c.half_prime()], 2))
        if self.habits.leading_zeros:
            self.server_nonce = b"\0" + self.server_nonce[1:]
        self.p, self.q, pq = p, r, c.octets(p * r)
        lie, nonce, fingerprints = self.lies(PQ_STEP), self.nonce, [self.server.rsa.fingerprint]
        if self.habits.fingerprints > 1:
            fingerprints = [random.getrandbits(63) for _ in range(self.habits.fingerprints - 1)] + fingerprints
        if lie in PQ_LIES:
            pq = PQ_LIES[lie]()
        elif lie == "resPQ has another nonce":
            nonce = c.xor(nonce, b"\1" + bytes(15))
        elif lie == "resPQ has no known fingerprint":
            fingerprints = [fingerprints[0] ^ 1, 7]
        elif lie == "resPQ has no fingerprint":
            fingerprints = []
        elif lie == "resPQ is a pong":
            return self.schema.encode({"_": "pong", "msg_id": 1, "ping_id": 2})
        answer = self.schema.encode({"_": "resPQ", "nonce": nonce, "server_nonce": self.server_nonce, "pq": pq,
                                     "server_public_key_fingerprints": fingerprints})
        return answer[:40] if lie == "resPQ is cut short" else answer

    def same_nonces(self, q):
        if q["nonce"] != self.nonce or q["server_nonce"] != self.server_nonce:
            raise Refused("%s has other nonces" % q["_"])

    def req_dh(self, q):
        if self.step != "dh":
            raise Refused("req_DH_params before req_pq_multi")
        self.same_nonces(q)
        if (q["p"], q["q"]) != (c.octets(self.p), c.octets(self.q)):
            raise Refused("p %s and q %s of %d * %d" % (q["p"].hex(), q["q"].hex(), self.p, self.q))
        if q["public_key_fingerprint"] != self.server.rsa.fingerprint:
            raise Refused("another fingerprint")
        data = self.server.rsa.unpad(q["encrypted_data"])
        reader = Reader(self.schema, data, self.complain)
        inner = reader.boxed()
        if inner["_"] not in ("p_q_inner_data_dc", "p_q_inner_data_temp_dc"):
            raise Refused("%s inside req_DH_params" % inner["_"])
        self.same_nonces(inner)
        if (inner["pq"], inner["p"], inner["q"]) != (c.octets(self.p * self.q), q["p"], q["q"]):
            raise Refused("the inner pq, p or q differs")
        if inner["dc"] != self.server.dc:
            raise Refused("the inner dc is %d at data centre %d" % (inner["dc"], self.server.dc))
        if not data[reader.at:].strip(b"\0"):
            self.complain("the padding of RSA_PAD is zeros")
        self.expires_in = inner.get("expires_in")
        if self.expires_in is not None and not 0 < self.expires_in <= 86400:
            raise Refused("a temporary key for %d s" % self.expires_in)
        self.new_nonce = inner["new_nonce"]
        if self.new_nonce in self.server.nonces or self.nonce in self.server.nonces:
            self.complain("a nonce was used before")
        self.server.nonces |= {self.new_nonce, self.nonce}
        return self.dh_params()

    def dh_params(self):
        self.step = "gen"
        lie = self.lies(DH_STEP)
        self.g, self.prime = (GROUP_LIES[lie]() if lie in GROUP_LIES else (self.habits.g, self.habits.prime))
        self.a = c.number(os.urandom(256))
        if lie in GROUP_LIES:
            g_a = pow(abs(self.g) or 3, self.a, self.prime or 7)
        else:
            while True:
                self.a = c.number(os.urandom(256))
                g_a = pow(self.g, self.a, self.prime)
                if 1 << 1984 <= g_a <= self.prime - (1 << 1984):
                    break
        if lie in GA_LIES:
            g_a = GA_LIES[lie](self.prime)
        nonce, server_nonce, bad = self.nonce, self.server_nonce, b"\x80" + bytes(15)
        inner = {"_": "server_DH_inner_data", "nonce": nonce, "server_nonce": server_nonce, "g": self.g,
                 "dh_prime": c.octets(self.prime) or b"", "g_a": c.octets(g_a, 256) if g_a < 1 << 2048 else c.octets(g_a),
                 "server_time": int(self.server.now()) if self.habits.told_time is None else self.habits.told_time}
        if self.habits.leading_zeros:
            inner["dh_prime"], inner["g_a"] = b"\0" + inner["dh_prime"], b"\0" + inner["g_a"]
        if lie == "the DH answer has another nonce":
            inner["nonce"] = c.xor(nonce, bad)
        elif lie == "the DH answer has another server_nonce":
            inner["server_nonce"] = c.xor(server_nonce, bad)
        answer = self.schema.encode(inner)
        if lie == "the DH answer is another constructor":
            answer = b"\xbb" + answer[1:]
        digest = c.sha1(answer)
        if lie == "the DH answer has a wrong SHA1":
            digest = c.xor(digest, b"\1" + bytes(19))
        plain = digest + answer
        plain += os.urandom(-len(plain) % 16 + (16 if lie == "the DH answer has 16 bytes of padding" else 0))
        key, iv = c.tmp_keys(self.new_nonce, self.server_nonce)
        if lie == "the DH answer is encrypted with another key":
            key = os.urandom(32)
        sealed = c.ige(key, iv, plain, True)
        if lie == "the DH answer is not of 16s":
            sealed = sealed[:-4]
        elif lie == "the DH answer is empty":
            sealed = b""
        if lie == "DH_params has another nonce":
            nonce = c.xor(nonce, bad)
        elif lie == "DH_params has another server_nonce":
            server_nonce = c.xor(server_nonce, bad)
        if lie == "DH_params is fail":
            return self.schema.encode({"_": "server_DH_params_fail", "nonce": nonce, "server_nonce": server_nonce,
                                       "new_nonce_hash": c.sha1(self.new_nonce)[4:]})
        return self.schema.encode({"_": "server_DH_params_ok", "nonce": nonce, "server_nonce": server_nonce,
                                   "encrypted_answer": sealed})

    def set_dh(self, q):
        if self.step != "gen":
            raise Refused("set_client_DH_params out of order")
        self.same_nonces(q)
        sealed = q["encrypted_data"]
        if len(sealed) % 16 or len(sealed) < 48:
            raise Refused("the client's DH data has %d bytes" % len(sealed))
        plain = c.ige(*c.tmp_keys(self.new_nonce, self.server_nonce), sealed, False)
        reader = Reader(self.schema, plain[20:], self.complain)
        inner = reader.boxed()
        if inner["_"] != "client_DH_inner_data":
            raise Refused("%s inside set_client_DH_params" % inner["_"])
        if len(plain) - 20 - reader.at >= 16 or c.sha1(plain[20:20 + reader.at]) != plain[:20]:
            raise Refused("SHA1 or padding of the client's DH data")
        self.same_nonces(inner)
        if len(inner["g_b"]) != 256:
            self.complain("g_b has %d bytes" % len(inner["g_b"]))
        g_b = c.number(inner["g_b"])
        if not 1 << 1984 <= g_b <= self.prime - (1 << 1984):
            raise Refused("g_b is out of range")
        expected = 0 if not self.tries else int.from_bytes(self.aux, "little", signed=True)
        if inner["retry_id"] != expected:
            raise Refused("retry_id is %x, not %x" % (inner["retry_id"], expected))
        if g_b in self.server.nonces:
            self.complain("g_b was used before")
        self.server.nonces.add(g_b)
        self.tries += 1
        auth_key = c.octets(pow(g_b, self.a, self.prime), 256)
        digest = c.sha1(auth_key)
        self.aux, key_id = digest[:8], digest[12:]
        lie = self.lies(GEN_STEP)
        if lie == "dh_gen_retry without end":
            self.habits.lies += 1
            if self.tries > 20:
                self.server.believed.append(lie)
                raise Refused("20 retries")
            return self.gen("retry", 2)
        if lie == "dh_gen is a resPQ":
            return self.schema.encode({"_": "resPQ", "nonce": self.nonce, "server_nonce": self.server_nonce, "pq": b"\x15",
                                       "server_public_key_fingerprints": [self.server.rsa.fingerprint]})
        if not lie and self.tries <= self.habits.dh_retries:
            return self.gen("retry", 2)
        if lie:
            self.server.liar_keys[key_id] = (auth_key, lie)
            return {"dh_gen has another nonce": lambda: self.gen("ok", 1, nonce=os.urandom(16)),
                    "dh_gen has another server_nonce": lambda: self.gen("ok", 1, server_nonce=os.urandom(16)),
                    "dh_gen_ok has a wrong hash": lambda: self.gen("ok", 9), "dh_gen_ok has hash 2": lambda: self.gen("ok", 2),
                    "dh_gen_ok has hash 3": lambda: self.gen("ok", 3), "dh_gen_retry has a wrong hash": lambda: self.gen("retry", 1),
                    "dh_gen_fail has a wrong hash": lambda: self.gen("fail", 1), "dh_gen_fail": lambda: self.gen("fail", 3)}[lie]()
        salt = c.xor(self.new_nonce[:8], self.server_nonce[:8])
        self.server.add_key(key_id, auth_key, int.from_bytes(salt, "little", signed=True),
                            None if self.expires_in is None else int(self.server.now()) + self.expires_in)
        self.step = "done"
        return self.gen("ok", 1)

    def gen(self, kind, n, nonce=None, server_nonce=None):
        digest = c.sha1(self.new_nonce, bytes([n]), self.aux)[4:]
        field = {"ok": "new_nonce_hash1", "retry": "new_nonce_hash2", "fail": "new_nonce_hash3"}[kind]
        return self.schema.encode({"_": "dh_gen_" + kind, "nonce": nonce or self.nonce,
                                   "server_nonce": server_nonce or self.server_nonce, field: digest})
