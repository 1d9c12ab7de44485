#!/usr/bin/env python3
"""Creates one call, whatever befalls the network: calls.py CHAT TITLE

Python alone. TGCALLD_URL is the daemon, TGCALLD_TOKEN_FILE has a token with the scope calls."""
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("TGCALLD_URL", "http://127.0.0.1:8765")
TRIES = 8


class Refused(Exception):
    """The problem (RFC 9457) that the daemon answered with."""


def post(path, body, key):
    """The answer. KEY is one of this intent: with it, it does no harm to ask again."""
    with open(os.environ["TGCALLD_TOKEN_FILE"]) as f:
        token = f.readline().strip()
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), {
        "Authorization": "Bearer " + token, "Content-Type": "application/json", "Idempotency-Key": key})
    for left in reversed(range(TRIES)):
        pause = 1
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            problem = json.load(refused)
            # What another try may change: a busy daemon, one that waits for Telegram, a first try that is still under way.
            again = refused.code >= 500 or refused.code == 429 or (refused.code == 409 and "Retry-After" in refused.headers)
            if not again or not left:
                raise Refused(problem) from None
            pause = int(refused.headers.get("Retry-After", 1))
        except (OSError, http.client.HTTPException):
            if not left:
                raise
        time.sleep(pause)
    raise AssertionError


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: %s CHAT TITLE" % sys.argv[0])
    try:
        answer = post("/v1/calls", {"peer": sys.argv[1], "title": sys.argv[2]}, str(uuid.uuid4()))
    except Refused as refused:
        problem = refused.args[0]
        sys.exit(" ".join(problem[name] for name in ("title", "detail", "remedy") if name in problem))
    print(answer["call"]["id"], answer["call"]["state"])


if __name__ == "__main__":
    main()
