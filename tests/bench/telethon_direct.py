#!/usr/bin/python3
"""Telethon called directly: phone.createGroupCall from so many tasks, each in a chat of its own.
usage: telethon_direct.py HOST:PORT KEY.pem CHATS; one line of JSON when it is ready, then one for each "CALLERS SECONDS" on
stdin."""
import asyncio
import json
import sys
import time

from telethon_client import connect, create


async def load(client, peers, seconds):
    took = []
    begin = time.monotonic()

    async def one(peer):
        while time.monotonic() < begin + seconds:
            at = time.monotonic()
            await create(client, peer, "bench")
            took.append(time.monotonic() - at)
    await asyncio.gather(*map(one, peers))
    spent = time.monotonic() - begin
    took.sort()
    return {"requests": len(took), "seconds": spent, "failed": 0, "p50_us": took[len(took) // 2] * 1e6,
            "p99_us": took[int(len(took) * 0.99)] * 1e6}


async def main():
    address, key, chats = sys.argv[1:]
    client = await connect(address, key)
    peers = [await client.get_input_entity("sandbox_load_%d" % (i + 1)) for i in range(int(chats))]
    print(json.dumps({"ready": True}), flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        callers, seconds = line.split()
        print(json.dumps(await load(client, peers[:int(callers)], float(seconds))), flush=True)
    await client.disconnect()


asyncio.run(main())
