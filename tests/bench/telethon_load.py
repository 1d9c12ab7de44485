#!/usr/bin/python3
"""Telethon called directly: phone.createGroupCall from 1 and from N tasks, each in a chat of its own.
usage: telethon_load.py HOST:PORT KEY.pem SECONDS N; one line of JSON on stdout."""
import asyncio
import json
import logging
import pathlib
import random
import resource
import sys
import time

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import MemorySession
from telethon.tl.functions.phone import CreateGroupCallRequest

logging.disable(logging.CRITICAL)
# Of one round: a sandbox refuses more than 100000 in its life.
CALLS_MAX = 14000


def memory():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    of = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("RssAnon", "VmRSS"))}
    return {"anon_kb": int(of["RssAnon"]), "rss_kb": int(of["VmRSS"])}


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def age():
    """Seconds since this process was started."""
    ticks = int(pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return float(pathlib.Path("/proc/uptime").read_text().split()[0]) - ticks / 100


async def load(client, peers, seconds):
    took = []
    begin, used = time.monotonic(), cpu()

    async def one(peer):
        while time.monotonic() < begin + seconds and len(took) < CALLS_MAX:
            at = time.monotonic()
            await client(CreateGroupCallRequest(peer=peer, title="bench", random_id=random.randrange(1, 1 << 31)))
            took.append(time.monotonic() - at)
    await asyncio.gather(*map(one, peers))
    spent, used = time.monotonic() - begin, cpu() - used
    took.sort()
    return {"rate": len(took) / spent, "p50_us": took[len(took) // 2] * 1e6, "p99_us": took[int(len(took) * 0.99)] * 1e6,
            "cpu_us": used / len(took) * 1e6}


async def measure(client, peers, seconds):
    """The median of three."""
    rounds = [await load(client, peers, seconds) for _ in range(3)]
    return sorted(rounds, key=lambda r: r["cpu_us"])[1]


async def main():
    address, key, seconds, many = sys.argv[1:]
    host, port = address.rsplit(":", 1)
    pem = pathlib.Path(key).read_text()
    rsa.add_key(pem[pem.index("-----BEGIN"):], old=False)
    session = MemorySession()
    session.set_dc(1, host, int(port))
    client = TelegramClient(session, 12345, "0123456789abcdef0123456789abcdef", use_ipv6=False, receive_updates=False)
    await client.connect()
    await client.send_code_request("+15550001")
    await client.sign_in("+15550001", "12345")
    result = {"ready_ms": age() * 1000, "idle": memory()}
    peers = [await client.get_input_entity("sandbox_load_%d" % (i + 1)) for i in range(int(many))]
    await load(client, peers, 1)
    result["one"] = await measure(client, peers[:1], float(seconds))
    result["many"] = await measure(client, peers, float(seconds))
    result["after"] = memory()
    print(json.dumps(result))
    await client.disconnect()


asyncio.run(main())
