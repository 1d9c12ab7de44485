"""Bad days: waits, drops, lost and doubled answers, a data centre that dies. Each intent makes exactly one call."""
import os
import socket
import tempfile
import threading
import time

from lib import Daemon, Process, check, control, equal, expect, run, wait_for

import json
import subprocess


def once(d, title, **members):
    a = expect(d.create("@sandbox_group", title=title, if_exists="replace", **members), 201)
    equal(len(d.sandbox_calls(title)), 1)
    return a


def test_a_short_flood_wait_is_waited_out(d):
    d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_1")
    began = time.monotonic()
    once(d, "short wait")
    check(time.monotonic() - began >= 1)


def test_a_long_flood_wait_is_429_with_retry_after_and_remembered(d):
    d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_30")
    a = expect(d.create("@sandbox_group", if_exists="replace"), 429, "flood-wait")
    equal(a.headers["retry-after"], "30")
    equal((a.json["telegram"]["message"], a.json["telegram"]["parameter"]), ("FLOOD_WAIT_30", 30))
    before = d.counts().get("phone.createGroupCall", 0)
    a = expect(d.create("@sandbox_group", if_exists="replace"), 429, "flood-wait")
    check(25 <= int(a.headers["retry-after"]) <= 30)
    equal(d.counts().get("phone.createGroupCall", 0), before)


def test_a_drop_before_the_method_ran(own=None):
    pass


def test_refusals_come_back_with_their_names(d):
    fresh(d)
    for code, message, status, slug in ((400, "GROUPCALL_ALREADY_DISCARDED", 400, "telegram-refused"),
                                        (403, "CHAT_FORBIDDEN", 403, "telegram-refused"),
                                        (404, "METHOD_INVALID", 404, "telegram-refused"),
                                        (406, "SOMETHING_NEW", 409, "telegram-refused"),
                                        (303, "USER_MIGRATE_2", 502, "telegram-unavailable"),
                                        (400, "NAME_NOBODY_KNOWS", 400, "telegram-refused")):
        d.fault(type="rpc_error", method="phone.editGroupCallTitle", code=code, message=message)
        call = current(d)
        a = expect(d.request("PATCH", "/v1/calls/" + call, {"title": "x"}), status, slug)
        equal((a.json["telegram"]["code"], a.json["telegram"]["message"]), (code, message))


def current(d):
    return expect(d.create("@sandbox_channel"), 200).json["call"]["id"]


def fresh(d):
    expect(d.create("@sandbox_channel", if_exists="return"), 201)
