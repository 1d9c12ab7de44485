"""Telethon, as its users run it, against the sandbox: in every framing that it has, key exchange, login with and without a
password, group calls, refusals and a pushed update. TAP on stdout. usage: run.py READY.json KEY.pem
"""
import asyncio
import datetime
import json
import logging
import pathlib
import sys
import time
import traceback
import urllib.request

from telethon import TelegramClient, errors, events
from telethon.crypto import rsa
from telethon.network import connection
from telethon.network.connection.tcpintermediate import RandomizedIntermediatePacketCodec
from telethon.sessions import MemorySession
from telethon.tl.functions.auth import AcceptLoginTokenRequest
from telethon.tl.functions.phone import CreateGroupCallRequest
from telethon.tl.types import GroupCall, UpdateGroupCall

# A machine may have much else to do.
STEP_S = 300
# Telethon's padded framing takes off no more.
PAD_MAX = 3


class ObfuscatedPadded(connection.ConnectionTcpObfuscated):
    """The framing that Telethon speaks to proxies, without a proxy."""
    packet_codec = RandomizedIntermediatePacketCodec


# as the sandbox sees them; the class
FRAMINGS = [
    ('full', connection.ConnectionTcpFull),
    ('abridged', connection.ConnectionTcpAbridged),
    ('intermediate', connection.ConnectionTcpIntermediate),
    ('obfuscated abridged', connection.ConnectionTcpObfuscated),
    ('obfuscated padded', ObfuscatedPadded),
]

ready = json.loads(pathlib.Path(sys.argv[1]).read_text())
host, port = ready['dc1'].rsplit(':', 1)


def control(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen('http://%s%s' % (ready['control'], path), data, timeout=STEP_S) as answer:
        return json.load(answer)


def add_key(path):
    pem = pathlib.Path(path).read_text()
    rsa.add_key(pem[pem.index('-----BEGIN'):], old=False)


def framing_seen():
    """The framing of the last key exchange, as the sandbox saw it."""
    made = [e for e in control('/log')['events'] if e['event'] == 'key'][-1]
    return ('obfuscated ' if made['obfuscated'] else '') + made['framing']


def call_of(updates):
    return [u for u in updates.updates if isinstance(u, UpdateGroupCall)][-1].call


def in_days(days):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)


def equal(got, want, what):
    if got != want:
        raise AssertionError('%s: got %r, want %r' % (what, got, want))


class Run:
    """All steps in one framing, each with a client that the earlier ones left."""

    def __init__(self, framing, kind):
        self.framing = framing
        self.kind = kind
        self.clients = []
        self.alice = self.bob = self.carol = self.channel = None

    def client(self):
        session = MemorySession()
        session.set_dc(1, host, int(port))
        c = TelegramClient(session, 12345, '0123456789abcdef0123456789abcdef', connection=self.kind, use_ipv6=False,
                           connection_retries=5, request_retries=1, flood_sleep_threshold=0)
        self.clients.append(c)
        return c

    async def login(self, phone, password=None):
        c = self.client()
        await c.connect()
        await c.send_code_request(phone)
        try:
            await c.sign_in(phone, '12345')
        except errors.SessionPasswordNeededError:
            await c.sign_in(password=password)
        return c

    async def create(self, peer, **more):
        return call_of(await self.alice(CreateGroupCallRequest(peer=peer, **more)))

    async def refused(self, awaitable, kind):
        try:
            await awaitable
        except kind:
            return
        raise AssertionError('no refusal')

    async def key_exchange(self):
        c = self.client()
        await c.connect()
        equal(len(c.session.auth_key.key), 256, 'bytes of the key')
        equal(framing_seen(), self.framing, 'the framing')

    async def code_login(self):
        self.alice = await self.login('+15550001')
        equal((await self.alice.get_me()).id, 1001, 'the user')

    async def password_login(self):
        self.bob = await self.login('+15550002', 'correct horse')
        equal((await self.bob.get_me()).username, 'bobby', 'the user')

    async def migrate(self):
        self.carol = await self.login('+15550003')
        equal(((await self.carol.get_me()).id, self.carol.session.dc_id), (1003, 2), 'the user and her data centre')

    async def qr_login(self):
        for by, user in ((self.alice, 1001), (self.carol, 1003)):
            c = self.client()
            await c.connect()
            qr = await c.qr_login()
            waits = asyncio.ensure_future(qr.wait(STEP_S))
            await by(AcceptLoginTokenRequest(qr.token))
            equal(((await waits).id, (await c.get_me()).id), (user, user), 'the user')
            equal(c.session.dc_id, by.session.dc_id, 'the data centre')

    async def qr_password_login(self):
        c = self.client()
        await c.connect()
        qr = await c.qr_login()
        waits = asyncio.ensure_future(qr.wait(STEP_S))
        await self.bob(AcceptLoginTokenRequest(qr.token))
        await self.refused(waits, errors.SessionPasswordNeededError)
        await c.sign_in(password='correct horse')
        equal((await c.get_me()).username, 'bobby', 'the user')

    async def resolve(self):
        self.channel = await self.alice.get_entity('sandbox_channel')
        equal(self.channel.id, 6001, 'the channel')

    async def create_title(self):
        title = 'Telethon, ' + self.framing
        call = await self.create(self.channel, title=title)
        equal((type(call), call.title), (GroupCall, title), 'the call')
        known = control('/state')['calls'][-1]
        equal((known['title'], known['id']), (title, str(call.id)), 'the call in the sandbox')

    async def create_scheduled(self):
        date = in_days(2).replace(microsecond=0)
        equal((await self.create(self.channel, schedule_date=date)).schedule_date, date, 'the date')

    async def create_twice(self):
        before = len(control('/state')['calls'])
        random_id = time.time_ns() % 2**31
        first, second = [(await self.create(self.channel, random_id=random_id)).id for _ in range(2)]
        equal(first, second, 'the call')
        equal(len(control('/state')['calls']), before + 1, 'calls in the sandbox')

    async def refuse_member(self):
        await self.refused(self.create('sandbox_readonly'), errors.ChatAdminRequiredError)

    async def refuse_date(self):
        await self.refused(self.create(self.channel, schedule_date=in_days(9)), errors.ScheduleDateInvalidError)

    async def push(self):
        second = await self.login('+15550001')
        seen = asyncio.get_running_loop().create_future()
        title = 'Seen, ' + self.framing

        async def on_update(update):
            if isinstance(update, UpdateGroupCall) and update.call.title == title and not seen.done():
                seen.set_result(update.call)
        second.add_event_handler(on_update, events.Raw)
        call = await self.create(self.channel, title=title)
        equal((await seen).id, call.id, 'the call')

    async def end(self):
        for c in self.clients:
            await asyncio.wait_for(c.disconnect(), STEP_S)


# the table's word, what it proves, the step
STEPS = [
    ('key', 'exchanges a key', Run.key_exchange),
    ('code', 'logs in with a code', Run.code_login),
    ('2FA', 'logs in with a code and a password', Run.password_login),
    ('migrate', 'follows PHONE_MIGRATE to the other data centre', Run.migrate),
    ('QR', 'logs in by QR code, at home and in the other data centre', Run.qr_login),
    ('QR+2FA', 'logs in by QR code and a password', Run.qr_password_login),
    ('resolve', 'resolves a channel', Run.resolve),
    ('create', 'creates a call with a title', Run.create_title),
    ('schedule', 'creates a scheduled call', Run.create_scheduled),
    ('once', 'the same random_id twice makes one call', Run.create_twice),
    ('admin', 'sees CHAT_ADMIN_REQUIRED', Run.refuse_member),
    ('date', 'sees SCHEDULE_DATE_INVALID nine days ahead', Run.refuse_date),
    ('push', 'a second session sees the call', Run.push),
]


async def main():
    count, failed = 0, 0
    rows = []
    control('/opts', {'transport_pad': PAD_MAX})
    for framing, kind in FRAMINGS:
        run = Run(framing, kind)
        row = []
        for _, name, step in STEPS:
            count += 1
            try:
                await asyncio.wait_for(step(run), STEP_S)
                row.append('ok')
                print('ok %d - %s: %s' % (count, framing, name), flush=True)
            except Exception:
                row.append('FAILED')
                failed += 1
                print('not ok %d - %s: %s' % (count, framing, name))
                print(''.join('# %s\n' % line for line in traceback.format_exc().splitlines()), end='', flush=True)
        rows.append(('telethon', framing, *row))
        await run.end()
    print('1..%d' % count)
    for row in [('client', 'framing', *(word for word, _, _ in STEPS)), *rows]:
        print('# ' + ' '.join(cell.ljust(25 if i == 1 else 9) for i, cell in enumerate(row)).rstrip())
    for lint in control('/lints')['lints']:
        print('# lint: %s (%s), %d times' % (lint['lint'], lint['text'], lint['count']))
    return failed


logging.basicConfig(level=logging.CRITICAL)
add_key(sys.argv[2])
sys.exit(1 if asyncio.run(main()) else 0)
