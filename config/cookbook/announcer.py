#!/usr/bin/env python3
"""Says when a call begins or ends: announcer.py [COMMAND [WORD...]]

Prints a sentence, or has COMMAND say it, as its last word. TGCALLD_URL is the daemon, TGCALLD_TOKEN_FILE has a token with the scope
read."""
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

URL = os.environ.get("TGCALLD_URL", "http://127.0.0.1:8765")
AWAY_S = 3  # a daemon that is away is asked again after so long
SILENCE_S = 60  # it sends a comment every 15 s: no word at all is a dead line


def say(text):
    print(text, flush=True)
    if sys.argv[1:]:
        subprocess.run([*sys.argv[1:], text], check=False)


def told(what, data):
    """What an event is, as a sentence; None where it is neither a beginning nor an end."""
    if what == "gap":
        return "Something was missed: events are kept for a while only."
    call = data["call"]
    title = call.get("title") or "A call without a title"
    is_new = data["what"] == "made" or "state" in data.get("changed", {})
    return is_new and {"active": "%s has begun.", "scheduled": "%s is announced.", "discarded": "%s has ended."}[call["state"]] % title


def events(last):
    """The events behind the one of the number LAST (None: from now on): number, name, data."""
    with open(os.environ["TGCALLD_TOKEN_FILE"]) as f:
        headers = {"Authorization": "Bearer " + f.readline().strip(), "Accept": "text/event-stream"}
    if last:
        headers["Last-Event-ID"] = last
    request = urllib.request.Request(URL + "/v1/events?types=call", headers=headers)
    with urllib.request.urlopen(request, timeout=SILENCE_S) as stream:
        event = {}
        for line in stream:
            name, colon, value = line.decode().rstrip("\r\n").partition(":")
            if name:
                event[name] = value.removeprefix(" ")
            elif colon:
                continue  # a comment: the daemon is there
            elif "data" in event:
                yield event["id"], event["event"], json.loads(event["data"])
                event = {}


def main():
    last = None
    while True:
        try:
            for last, what, data in events(last):
                text = told(what, data)
                if text:
                    say(text)
        except urllib.error.HTTPError as refused:
            if refused.code < 500:
                sys.exit("%s: %s" % (refused, refused.read().decode()))
            print("%s; trying again" % refused, file=sys.stderr, flush=True)
        except OSError as gone:
            print("%s; trying again" % gone, file=sys.stderr, flush=True)
        # By the last number nothing is missed that happened meanwhile.
        time.sleep(AWAY_S)


if __name__ == "__main__":
    main()
