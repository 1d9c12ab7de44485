"""Telethon, logged in at the sandbox in HOST:PORT, whose key is in KEY.pem."""
import logging
import pathlib
import random

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import MemorySession
from telethon.tl.functions.phone import CreateGroupCallRequest

logging.disable(logging.CRITICAL)


async def connect(address, key):
    host, port = address.rsplit(":", 1)
    pem = pathlib.Path(key).read_text()
    rsa.add_key(pem[pem.index("-----BEGIN"):], old=False)
    session = MemorySession()
    session.set_dc(1, host, int(port))
    client = TelegramClient(session, 12345, "0123456789abcdef0123456789abcdef", use_ipv6=False, receive_updates=False)
    await client.connect()
    await client.send_code_request("+15550001")
    await client.sign_in("+15550001", "12345")
    return client


def create(client, peer, title):
    return client(CreateGroupCallRequest(peer=peer, title=title, random_id=random.randrange(1, 1 << 31)))
