"""What tests/interop/session.py asks of Telethon. usage: session.py login|use HOST:PORT KEY.pem"""
import asyncio
import pathlib
import sys

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.network import connection
from telethon.sessions import StringSession
from telethon.tl.functions.phone import CreateGroupCallRequest


def client(text):
    return TelegramClient(StringSession(text), 12345, '0123456789abcdef0123456789abcdef', use_ipv6=False,
                          connection=connection.ConnectionTcpAbridged)


async def login(dc1):
    c = client('')
    host, port = dc1.rsplit(':', 1)
    c.session.set_dc(1, host, int(port))
    await c.connect()
    await c.send_code_request('+15550001')
    await c.sign_in('+15550001', '12345')
    print(c.session.save())
    await c.disconnect()


async def use(_):
    c = client(sys.stdin.read().strip())
    await c.connect()
    await c(CreateGroupCallRequest(peer='sandbox_channel', title='Back'))
    print((await c.get_me()).id)
    await c.disconnect()


pem = pathlib.Path(sys.argv[3]).read_text(encoding='utf-8')
rsa.add_key(pem[pem.index('-----BEGIN'):], old=False)
asyncio.run({'login': login, 'use': use}[sys.argv[1]](sys.argv[2]))
