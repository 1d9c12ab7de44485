"""Telethon on a bad line: what it missed it catches up with by differences, as its own rules have them, in a basic group
(the account's pts) and a supergroup (a pts of its own), until it knows what the sandbox knows. TAP on stdout.
usage: updates.py READY.json KEY.pem
"""
import asyncio
import json
import logging
import os
import pathlib
import sys
import time
import traceback
import urllib.request

# Telethon takes the date that it kept for local time.
os.environ['TZ'] = 'UTC'
time.tzset()

from telethon import TelegramClient, events
from telethon.crypto import rsa
from telethon.network import connection
from telethon.sessions import MemorySession
from telethon.tl import functions, types

GROUP, SUPERGROUP, ALICE = 5001, 6002, 1001
PATIENCE_S = 180

ready = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding='utf-8'))


def control(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen('http://%s%s' % (ready['control'], path), data, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def equal(got, want, what):
    if got != want:
        raise AssertionError('%s: got %r, want %r' % (what, got, want))


class Truth:
    """What stands in the two chats, by what was done there."""

    def __init__(self):
        self.texts = {GROUP: [], SUPERGROUP: []}
        self.said = 0

    def post(self, chat, count):
        self.said += 1
        text = 'round %d' % self.said
        control('/messages', {'chat': chat, 'from': 1002, 'count': count, 'text': text})
        self.texts[chat] += ['%s %d' % (text, i + 1) for i in range(count)] if count > 1 else [text]

    def delete(self, chat, count):
        control('/messages', {'chat': chat, 'delete': count})
        del self.texts[chat][-count - 1:-1]

    def pts(self):
        state = control('/state')
        return (next(u['pts'] for u in state['users'] if u['id'] == ALICE),
                next(c['pts'] for c in state['chats'] if c['id'] == SUPERGROUP))


class Seen:
    """What Telethon has told of, by chat: id → text."""

    def __init__(self):
        self.messages = {GROUP: {}, SUPERGROUP: {}}
        self.twice = []
        self.changed = asyncio.Event()

    def put(self, message):
        chat = getattr(message.peer_id, 'channel_id', None) or getattr(message.peer_id, 'chat_id', None)
        if chat not in self.messages:
            return
        if message.id in self.messages[chat]:
            self.twice.append((chat, message.id))
        self.messages[chat][message.id] = message.message

    async def on_update(self, update):
        if isinstance(update, (types.UpdateNewMessage, types.UpdateNewChannelMessage)):
            self.put(update.message)
        elif isinstance(update, (types.UpdateDeleteMessages, types.UpdateDeleteChannelMessages)):
            chat = getattr(update, 'channel_id', GROUP)
            for gone in update.messages:
                self.messages[chat].pop(gone, None)
        self.changed.set()

    def texts(self):
        return {chat: [of[i] for i in sorted(of)] for chat, of in self.messages.items()}


class Run:
    def __init__(self):
        self.truth, self.seen = Truth(), Seen()
        self.session = MemorySession()
        host, port = ready['dc1'].rsplit(':', 1)
        self.session.set_dc(1, host, int(port))
        self.asked = {}
        self.c = None

    async def login(self):
        self.c = TelegramClient(self.session, 12345, '0123456789abcdef0123456789abcdef', use_ipv6=False,
                                connection=connection.ConnectionTcpAbridged, sequential_updates=True)
        self.c.add_event_handler(self.seen.on_update, events.Raw)
        await self.c.connect()
        await self.c.send_code_request('+15550001')
        await self.c.sign_in('+15550001', '12345')
        # The first update of each names its pts, the first answer its access hash.
        await self.c.get_dialogs()
        for chat in (GROUP, SUPERGROUP):
            self.truth.post(chat, 1)
        await self.converge()

    def pts(self):
        common, channels = self.c._message_box.session_state()
        return common['pts'], channels.get(SUPERGROUP)

    def differences(self):
        return {name: control('/state')['methods'].get('updates.' + name, 0)
                for name in ('getDifference', 'getChannelDifference')}

    async def converge(self):
        """Until Telethon's view is the sandbox's; each message once."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self.seen.texts() != self.truth.texts or self.pts() != self.truth.pts():
                    self.seen.changed.clear()
                    try:
                        await asyncio.wait_for(self.seen.changed.wait(), 0.2)
                    except asyncio.TimeoutError:
                        pass
        except asyncio.TimeoutError:
            equal(self.pts(), self.truth.pts(), 'pts')
            equal(self.seen.texts(), self.truth.texts, 'the messages')
        equal(self.seen.twice, [], 'what was told twice')

    async def struck(self, rules, rounds=12, size=5):
        """Talk and deletions in both chats while RULES strike; what comes after them is what shows the gaps."""
        before = self.differences()
        for rule in rules:
            control('/fault', {'count': 0, 'user': ALICE, **rule})
        for n in range(rounds):
            for chat in (GROUP, SUPERGROUP):
                self.truth.post(chat, size)
                if n % 3 == 2:
                    self.truth.delete(chat, 3)
            await asyncio.sleep(0)
        control('/clear', {})
        for chat in (GROUP, SUPERGROUP):
            self.truth.post(chat, 1)
        await self.converge()
        after = self.differences()
        return {name: after[name] - before[name] for name in before}

    async def undisturbed(self):
        equal(await self.struck([]), {'getDifference': 0, 'getChannelDifference': 0}, 'differences')

    async def doubled(self):
        equal(await self.struck([{'type': 'double_update', 'every': 2}]),
              {'getDifference': 0, 'getChannelDifference': 0}, 'differences')

    async def reordered(self):
        await self.struck([{'type': 'reorder_update', 'every': 3}])

    async def lost(self):
        asked = await self.struck([{'type': 'lost_update', 'every': 4}])
        if not all(asked.values()):
            raise AssertionError('it did not ask: %r' % asked)

    async def all_at_once(self):
        await self.struck([{'type': 'lost_update', 'every': 5}, {'type': 'double_update', 'every': 7},
                           {'type': 'reorder_update', 'every': 3}], rounds=30)

    async def sliced(self):
        """More than a slice each, and less than what is kept."""
        asked = await self.struck([{'type': 'lost_update'}], rounds=2, size=100)
        if asked['getDifference'] < 2 or asked['getChannelDifference'] < 2:
            raise AssertionError('no slices: %r' % asked)

    async def withheld(self):
        asked = await self.struck([{'type': 'channel_too_long_update', 'every': 2}, {'type': 'too_long_update', 'every': 9}])
        if not all(asked.values()):
            raise AssertionError('it did not ask: %r' % asked)

    async def deletes(self):
        """What it deletes itself moves the pts by an answer that is no Updates."""
        self.truth.post(SUPERGROUP, 3)
        await self.converge()
        gone = sorted(self.seen.messages[SUPERGROUP])[-2:]
        answer = await self.c(functions.channels.DeleteMessagesRequest(
            channel=await self.c.get_input_entity(types.PeerChannel(SUPERGROUP)), id=gone))
        equal((answer.pts, answer.pts_count), (self.truth.pts()[1], 2), 'the answer')
        del self.truth.texts[SUPERGROUP][-2:]
        for i in gone:
            self.seen.messages[SUPERGROUP].pop(i, None)
        self.truth.post(SUPERGROUP, 1)
        await self.converge()

    async def numbered(self):
        """What has no pts is numbered: a lost one is seen by the next, and the difference ends that."""
        control('/opts', {'seq': True})
        call = (await self.c(functions.phone.CreateGroupCallRequest(peer=await self.c.get_input_entity(SUPERGROUP)))).updates
        call = next(u.call for u in call if isinstance(u, types.UpdateGroupCall))
        before = self.differences()
        control('/fault', {'type': 'lost_update', 'count': 0, 'user': ALICE, 'every': 4})
        control('/calls/%d/join' % call.id, {'n': 10})
        control('/clear', {})
        control('/calls/%d/join' % call.id, {'n': 1})
        state = await self.c(functions.updates.GetStateRequest())
        if state.seq < 11:
            raise AssertionError('eleven containers are not %d' % state.seq)
        async with asyncio.timeout(PATIENCE_S):
            while self.c._message_box.seq != state.seq:
                await asyncio.sleep(0.1)
        if self.differences()['getDifference'] == before['getDifference']:
            raise AssertionError('it did not ask')
        control('/opts', {'seq': False})
        self.truth.texts, self.seen.messages = {GROUP: [], SUPERGROUP: []}, {GROUP: {}, SUPERGROUP: {}}

    async def away(self):
        """Nobody tells a client that is not there; a difference of the account names the channels that moved."""
        await self.c.disconnect()
        for chat in (GROUP, SUPERGROUP):
            self.truth.post(chat, 120)
            self.truth.delete(chat, 10)
        # What it knew is in its memory still: from a session it would take the supergroup for a user.
        await self.c.connect()
        await self.c.catch_up()
        await self.converge()

    async def too_long(self):
        """What is not kept is lost to it, but it knows where it stands, and hears what comes."""
        control('/fault', {'type': 'lost_update', 'count': 0, 'user': ALICE})
        for chat in (GROUP, SUPERGROUP):
            self.truth.post(chat, 300)
        control('/clear', {})
        for chat in (GROUP, SUPERGROUP):
            self.truth.post(chat, 1)
        async with asyncio.timeout(PATIENCE_S):
            while self.pts() != self.truth.pts():
                await asyncio.sleep(0.1)
        self.truth.texts, self.seen.messages = {GROUP: [], SUPERGROUP: []}, {GROUP: {}, SUPERGROUP: {}}
        for chat in (GROUP, SUPERGROUP):
            self.truth.post(chat, 3)
        await self.converge()

    async def peers(self):
        """Whoever a difference's messages name comes along with it."""
        state = await self.c(functions.updates.GetStateRequest())
        self.truth.post(GROUP, 2)
        found = await self.c(functions.updates.GetDifferenceRequest(pts=state.pts, date=state.date, qts=state.qts))
        equal([u.id for u in found.users], [1002], 'users')
        await self.converge()


STEPS = [
    ('logs in and hears of both chats', Run.login),
    ('hears all without asking where nothing is lost', Run.undisturbed),
    ('needs no difference for what comes twice', Run.doubled),
    ('puts what comes out of order into order', Run.reordered),
    ('asks for what was lost', Run.lost),
    ('sees through loss, doubles and disorder at once', Run.all_at_once),
    ('catches up slice by slice', Run.sliced),
    ('asks where it is told only that it is too long', Run.withheld),
    ('is told who is named', Run.peers),
    ('goes on behind what it deletes', Run.deletes),
    ('sees what is lost of that which has a number only', Run.numbered),
    ('catches up with what happened while it was away', Run.away),
    ('goes on behind what is too long ago', Run.too_long),
]


async def main():
    failed = 0
    run = Run()
    for n, (name, step) in enumerate(STEPS, 1):
        try:
            await step(run)
            print('ok %d - %s' % (n, name), flush=True)
        except Exception:
            failed += 1
            print('not ok %d - %s' % (n, name))
            print(''.join('# %s\n' % line[:2000] for line in traceback.format_exc().splitlines()), end='', flush=True)
            break
    print('1..%d' % len(STEPS))
    await run.c.disconnect()
    return failed


logging.basicConfig(level=logging.CRITICAL)
pem = pathlib.Path(sys.argv[2]).read_text(encoding='utf-8')
rsa.add_key(pem[pem.index('-----BEGIN'):], old=False)
sys.exit(1 if asyncio.run(main()) else 0)
