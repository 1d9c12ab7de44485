"""What a daemon's log must never hold: the secrets that a test gave it or got from it, searched for when it ends.

They are learnt on their way by their members' names, so that no test has to think of it. What is written in hex or base64 in a
log is looked for by pieces of the keys that are known: a part of one is found, too."""
import base64
import re
from urllib.parse import unquote, urlsplit

# Of a request's body, by the route it goes to: not each "text" or "code" is a secret.
ASKED = {"login": ["phone", "code", "password", "email"], "accounts": ["proxy", "session"], "calls": ["invite_hash", "params"]}
PARAMETERS = {"phone_number", "phone_code", "password_hash", "api_hash", "bot_auth_token", "phone"}
ANSWERED = ["token", "key", "secret", "link", "invite_link"]
# Of a key that is said in part, this many bytes in a row are enough to see it.
SAMPLE = 12


def forms(secret):
    """Raw, hex, and base64 in each of the three ways in which it can lie there."""
    raw = secret if isinstance(secret, bytes) else secret.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        # Not what depends on what lies beside it.
        found.add(text[(shift * 8 + 5) // 6:len(text) // 4 * 4 - 4])
    return {f for f in found if len(f) > 4}


def of_link(text):
    """The hash of an invite link, which lets whoever has it in; "" of any other text."""
    found = re.search(r"(?:t\.me/(?:\+|joinchat/)|[?&](?:voicechat|videochat|livestream|call)=|t\.me/call/)([\w-]{8,})", text)
    return found[1] if found else ""


class Unsaid:
    def __init__(self):
        self.texts, self.keys = set(), set()

    def add(self, text):
        # What is shorter is in many a word.
        if isinstance(text, str) and len(text) >= 4:
            self.texts.add(text)

    def add_key(self, raw):
        self.keys.update(raw[i:i + SAMPLE] for i in range(0, len(raw) - SAMPLE + 1, SAMPLE))

    def add_session(self, text):
        """A session string is a key with some words around it."""
        self.add(text)
        text = text[text.startswith("1"):].replace("-", "+").replace("_", "/")
        self.add_key(base64.b64decode(text[:len(text) // 4 * 4]))

    def add_proxy(self, url):
        if not isinstance(url, str):
            return
        parts = urlsplit(url)
        for text in re.findall(r"secret=([^&]+)", parts.query) + [parts.password or ""]:
            self.add(text)
            self.add(unquote(text))

    def asked(self, path, body, headers):
        """A request on its way; BODY is JSON or bytes."""
        self.add(headers.get("Authorization", "").removeprefix("Bearer "))
        route = path.partition("?")[0].split("/")
        if not isinstance(body, dict) or len(route) < 3:
            return
        known = "login" if "login" in route else route[2]
        for name in ASKED.get(known, []):
            value = body.get(name)
            if name == "proxy":
                self.add_proxy(value)
            elif name == "session" and isinstance(value, dict) and isinstance(value.get("text"), str):
                self.add(value["text"])
            else:
                self.add(value)
        if known == "methods":
            for name in PARAMETERS & set(body):
                self.add(body[name])

    def answered(self, method, path, body):
        """What came of it, as JSON."""
        route = path.partition("?")[0].split("/")
        if not isinstance(body, dict) or len(route) < 3 or method == "GET":
            return
        if route[-1] == "session" and isinstance(body.get("text"), str):
            self.add_session(body["text"])
        for name in ANSWERED:
            value = body.get(name)
            if isinstance(value, str):
                self.add(of_link(value) if "link" in name else value)

    def settings(self, text):
        """Of a configuration file."""
        for value in re.findall(r"(?m)^\s*api_hash\s*=\s*(\S+)", text):
            self.add(value)
        for value in re.findall(r"(?m)^\s*proxy\s*=\s*(\S+)", text):
            self.add_proxy(value)

    def is_said(self, secret, log):
        """A code is a few digits, which a longer number may have in it; so may a name an easy word."""
        at = re.escape(secret)
        if secret.isalnum() and len(secret) < 20:
            at = r"(?<![0-9A-Za-z])" + at + r"(?![0-9A-Za-z])"
        return re.search(at, log)

    def found(self, log):
        """The lines of LOG that say one, none if all is well. Requests are numbered, and one of many has a code for its number."""
        log = re.sub(r"\breq-[0-9a-f]{8}-[0-9]+\b", "req", log)
        # Others may still be asking: what they add is not waited for.
        said = [s for s in self.texts.copy() if self.is_said(s, log)]
        lines = [line for line in log.splitlines() for s in said if self.is_said(s, line)]
        raw = log.replace("-", "+").replace("_", "/").encode()
        pieces = {form for key in self.keys.copy() for form in forms(key) if form in raw}
        lines += [x.decode("utf-8", "replace") for x in raw.splitlines() if any(p in x for p in pieces)]
        return lines


def hears_itself():
    """A search that finds nothing proves something only where it can find: one that cannot fails each test."""
    u = Unsaid()
    u.asked("/v1/accounts/a/login", {"phone": "+15550009", "code": "12345"}, {"Authorization": "Bearer tgc_1"})
    u.asked("/v1/accounts", {"name": "a", "proxy": "socks5://me:h%40ts@127.0.0.1:1"}, {})
    u.answered("POST", "/v1/calls/5/invite-link", {"link": "https://t.me/x?videochat=abcdefgh12"})
    u.settings("[telegram]\napi_hash = 0123456789abcdef0123456789abcdef\n")
    key = bytes(range(200, 248))
    u.add_key(key)
    lines = ["phone=+15550009", "the code 12345", "tgc_1", "by h@ts", "by h%40ts", "hash abcdefgh12",
             "api_hash=0123456789abcdef0123456789abcdef", "key " + key.hex(), "key=" + base64.b64encode(key).decode(),
             "part " + key[5:40].hex()]
    found = u.found("\n".join(lines + ["12345678", "port 512345", "request_id=req-dc82a260-12345", "x" * 40]))
    return set(found) == set(lines)


if not hears_itself():
    raise SystemExit("the search for secrets in a log is broken")
