"""The server's half of MTProto's cryptography. AES comes from libcrypto by ctypes, the rest from Python."""
import base64
import ctypes
import ctypes.util
import hashlib
import random
import secrets

_lib = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
for _name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_ecb", "EVP_aes_256_ctr"):
    getattr(_lib, _name).restype = ctypes.c_void_p
_lib.EVP_CipherInit_ex.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_char_p] * 2 + [ctypes.c_int]
_lib.EVP_CipherUpdate.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
_lib.EVP_CIPHER_CTX_free.argtypes = [ctypes.c_void_p]
_lib.EVP_CIPHER_CTX_set_padding.argtypes = [ctypes.c_void_p, ctypes.c_int]


class Aes:
    def __init__(self, key, encrypt, ctr_iv=None):
        self.ctx = _lib.EVP_CIPHER_CTX_new()
        kind = _lib.EVP_aes_256_ecb() if ctr_iv is None else _lib.EVP_aes_256_ctr()
        assert _lib.EVP_CipherInit_ex(self.ctx, kind, None, key, ctr_iv, int(encrypt)) == 1
        _lib.EVP_CIPHER_CTX_set_padding(self.ctx, 0)

    def __del__(self):
        _lib.EVP_CIPHER_CTX_free(self.ctx)

    def update(self, data):
        out, n = ctypes.create_string_buffer(len(data) + 16), ctypes.c_int()
        assert _lib.EVP_CipherUpdate(self.ctx, out, ctypes.byref(n), bytes(data), len(data)) == 1 and n.value == len(data)
        return out.raw[:n.value]


def ige(key, iv, data, encrypt):
    """AES-256-IGE, by blocks of ECB."""
    assert len(data) % 16 == 0
    aes, whole = Aes(key, encrypt), int.from_bytes
    first, second = (iv[:16], iv[16:]) if encrypt else (iv[16:], iv[:16])
    first, second, out = whole(first, "big"), whole(second, "big"), []
    for i in range(0, len(data), 16):
        block = whole(data[i:i + 16], "big")
        done = whole(aes.update((block ^ first).to_bytes(16, "big")), "big") ^ second
        first, second = done, block
        out.append(done.to_bytes(16, "big"))
    return b"".join(out)


def sha1(*parts):
    return hashlib.sha1(b"".join(parts)).digest()


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def message_keys(auth_key, msg_key, x):
    a = sha256(msg_key, auth_key[x:x + 36])
    b = sha256(auth_key[40 + x:76 + x], msg_key)
    return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]


def message_keys_1(auth_key, msg_key):
    """The same of MTProto 1.0, from client to server."""
    a, b = sha1(msg_key, auth_key[:32]), sha1(auth_key[32:48], msg_key, auth_key[48:64])
    c, d = sha1(auth_key[64:96], msg_key), sha1(msg_key, auth_key[96:128])
    return a[:8] + b[8:20] + c[4:16], a[8:20] + b[:8] + c[16:20] + d[:8]


def message_key(auth_key, plain, x):
    return sha256(auth_key[88 + x:120 + x], plain)[8:24]


def tmp_keys(new_nonce, server_nonce):
    ns, sn = sha1(new_nonce, server_nonce), sha1(server_nonce, new_nonce)
    return ns + sn[:12], sn[12:] + sha1(new_nonce, new_nonce) + new_nonce[:4]


def number(data):
    return int.from_bytes(data, "big")


def octets(n, size=None):
    return n.to_bytes(size or (n.bit_length() + 7) // 8, "big")


def probably_prime(n, rounds=12):
    if n < 4 or n % 2 == 0 or any(n % p == 0 for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37) if n != p):
        return n in (2, 3)
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for _ in range(rounds):
        x = pow(secrets.randbelow(n - 3) + 2, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits, rng=secrets.SystemRandom()):
    """A prime of exactly that many bits, its two highest set, so that a product of two has twice as many."""
    while True:
        n = rng.getrandbits(bits) | 1 | 3 << (bits - 2)
        if probably_prime(n):
            return n


def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x80 + (n.bit_length() + 7) // 8]) + octets(n)
    return bytes([tag]) + length + body


def der_integer(n):
    return der(2, octets(n, n.bit_length() // 8 + 1))


class Rsa:
    def __init__(self):
        from .tl import string
        self.e = 65537
        while True:
            p, q = prime(1024), prime(1024)
            if p != q and (p - 1) % self.e and (q - 1) % self.e:
                break
        self.n, self.d = p * q, pow(self.e, -1, (p - 1) * (q - 1))
        self.fingerprint = int.from_bytes(sha1(string(octets(self.n)), string(octets(self.e)))[-8:], "little", signed=True)

    def public_pem(self):
        text = base64.encodebytes(der(0x30, der_integer(self.n), der_integer(self.e))).decode()
        return "-----BEGIN RSA PUBLIC KEY-----\n%s-----END RSA PUBLIC KEY-----\n" % text

    def unpad(self, data):
        """Undoes RSA_PAD: the 192 bytes, or the reason they are refused."""
        if len(data) != 256:
            raise ValueError("encrypted_data has %d bytes" % len(data))
        if number(data) >= self.n:
            raise ValueError("encrypted_data is not below the modulus")
        m = octets(pow(number(data), self.d, self.n), 256)
        key = xor(m[:32], sha256(m[32:]))
        plain = ige(key, bytes(32), m[32:], False)
        data = plain[:192][::-1]
        if sha256(key, data) != plain[192:]:
            raise ValueError("the hash inside RSA_PAD is wrong")
        return data


# The prime Telegram uses, and the 2048-bit group of RFC 3526 (2^2048 - 2^1984 - 1 + 2^64 ([2^1918 pi] + 124476)).
KNOWN_PRIME = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543"
    "aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b"
    "378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1"
    "178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee"
    "2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b", 16)


def _other_prime():
    bits = 1918 + 64

    def arctan(x):
        one = power = (1 << bits) // x
        total, n, sign = one, 3, -1
        while power:
            power //= x * x
            total, n, sign = total + sign * (power // n), n + 2, -sign
        return total
    pi = 4 * (4 * arctan(5) - arctan(239)) >> 64
    return (1 << 2048) - (1 << 1984) - 1 + (1 << 64) * (pi + 124476)


OTHER_PRIME = _other_prime()


def good_generator(g, p):
    """The rule of residues for g."""
    return {2: p % 8 == 7, 3: p % 3 == 2, 4: True, 5: p % 5 in (1, 4), 6: p % 24 in (19, 23), 7: p % 7 in (3, 5, 6)}.get(g, False)


def half_prime(rng=random.SystemRandom()):
    return prime(31, rng)
