#!/usr/bin/python3
"""A gateway as one writes it in an afternoon: Telethon behind aiohttp. POST /v1/calls {"peer", "title"} creates a call.
usage: telethon_gateway.py HOST:PORT KEY.pem CHATS; one line of JSON says where it listens."""
import asyncio
import json
import sys

from aiohttp import web
from telethon.errors import RPCError
from telethon.tl.types import GroupCall, UpdateGroupCall

from telethon_client import connect, create


def problem(status, title):
    return web.json_response({"title": title}, status=status)


async def main():
    address, key, _ = sys.argv[1:]
    client = await connect(address, key)

    async def post(request):
        if request.headers.get("Authorization") != "Bearer bench":
            return problem(401, "who are you?")
        asked = await request.json()
        try:
            made = await create(client, await client.get_input_entity(asked["peer"]), asked["title"])
        except RPCError as e:
            return problem(502, str(e))
        call = next(u.call for u in made.updates if isinstance(u, UpdateGroupCall) and isinstance(u.call, GroupCall))
        return web.json_response({"call": {"id": str(call.id), "access_hash": str(call.access_hash), "title": call.title}}, status=201)

    app = web.Application()
    app.router.add_post("/v1/calls", post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(json.dumps({"url": "http://127.0.0.1:%d" % runner.addresses[0][1]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
