"""TDLib, as its users run it, against the sandbox: key exchange, login with and without a password, group calls,
refusals, a pushed update, lost connections, temporary keys. TAP on stdout. usage: TDLIB=libtdjson.so run.py READY.json KEY.pem

TDLib judges what it is sent and logs what is wrong: it must have logged nothing.
"""
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time
import traceback
import urllib.request

from tdjson import Client, Library, Refused, Socks

CHANNEL, GROUP, BASIC = -1000000006001, -1000000006002, -5001
MISSED = 120

ready = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding='utf-8'))


def control(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen('http://%s%s' % (ready['control'], path), data, timeout=180) as answer:
        return json.load(answer)


def calls():
    return control('/state')['calls']


def equal(got, want, what):
    if got != want:
        raise AssertionError('%s: got %r, want %r' % (what, got, want))


def refused(text, act, *args, **more):
    try:
        act(*args, **more)
    except Refused as e:
        return equal(str(e), text, 'the refusal')
    raise AssertionError('no refusal')


class Run:
    """All steps, each with the clients that the earlier ones left."""

    def __init__(self, folder):
        self.folder = folder
        self.log = os.path.join(folder, 'log')
        self.library = Library(os.path.realpath(os.environ['TDLIB']), pathlib.Path(sys.argv[2]).read_bytes(), self.log)
        self.proxy = Socks(ready)
        self.clients = []
        self.alice = self.bob = self.carol = None

    def client(self, **more):
        c = Client(self.library, self.folder, self.proxy.server_address[1], **more)
        self.clients.append(c)
        return c

    def login(self, phone, password=None, **more):
        c = self.client(**more)
        c.login(phone, password)
        return c

    def login_by_qr(self, by, password=None):
        c = self.client()
        c.show_qr()
        by.call('confirmQrCodeAuthentication', link=c.link)
        c.until_logged_in(password)
        return c

    def create(self, chat=CHANNEL, **more):
        """The call, as TDLib has it."""
        made = self.alice.call('createVideoChat', chat_id=chat, **more)
        return self.alice.call('getGroupCall', group_call_id=made['id'])

    def key_exchange(self):
        self.client().until_state('WaitPhoneNumber')
        self.alice = self.login('+15550001')
        made = [e for e in control('/log')['events'] if e['event'] == 'key'][-1]
        equal((made['framing'], made['obfuscated']), ('intermediate', True), 'the framing')

    def code_login(self):
        equal(self.alice.call('getMe')['id'], 1001, 'the user')

    def password_login(self):
        self.bob = self.login('+15550002', 'correct horse')
        equal(self.bob.call('getMe')['usernames']['active_usernames'], ['bobby'], 'the user')

    def migrate(self):
        self.carol = self.login('+15550003')
        equal(self.carol.call('getMe')['id'], 1003, 'the user')
        equal([e['dc'] for e in control('/log')['events'] if e.get('user') == 1003][-1], 2, 'the data centre')

    def qr_login(self):
        for by, user in ((self.alice, 1001), (self.carol, 1003)):
            equal(self.login_by_qr(by).call('getMe')['id'], user, 'the user')

    def qr_password_login(self):
        equal(self.login_by_qr(self.bob, 'correct horse').call('getMe')['id'], 1002, 'the user')

    def resolve(self):
        equal(self.alice.call('searchPublicChat', username='sandbox_channel')['id'], CHANNEL, 'the channel')

    def create_title(self):
        call = self.create(title='TDLib')
        equal((call['title'], call['is_active'], call['can_be_managed']), ('TDLib', True, True), 'the call')
        equal(calls()[-1]['title'], 'TDLib', 'the title in the sandbox')

    def create_scheduled(self):
        date = int(time.time()) + 2 * 86400
        call = self.create(start_date=date)
        equal(call['scheduled_start_date'], date, 'the date')
        self.alice.call('startScheduledVideoChat', group_call_id=call['id'])
        self.alice.call('setVideoChatTitle', group_call_id=call['id'], title='Started')
        equal(self.alice.call('getGroupCall', group_call_id=call['id'])['title'], 'Started', 'the title')
        self.alice.call('endGroupCall', group_call_id=call['id'])
        equal(calls()[-1]['state'], 'discarded', 'the call')

    def refuse_member(self):
        chat = self.alice.call('searchPublicChat', username='sandbox_readonly')['id']
        refused('Not enough rights in the chat', self.create, chat)

    def refuse_date(self):
        refused('SCHEDULE_DATE_INVALID', self.create, start_date=int(time.time()) + 9 * 86400)

    def push(self):
        second = self.login('+15550001')
        second.call('searchPublicChat', username='sandbox_group')
        self.alice.call('searchPublicChat', username='sandbox_group')
        self.create(GROUP, title='Seen')
        second.until_update('updateChatVideoChat', lambda u: u['chat_id'] == GROUP and u['video_chat']['group_call_id'])
        message = second.until_update('updateNewMessage', lambda u: u['message']['chat_id'] == GROUP)['message']
        equal(message['content']['@type'], 'messageVideoChatStarted', 'the message')

    def join(self):
        """The call's maker and a member of the group, who finds the call in his list of chats."""
        self.bob.call('loadChats', limit=20)
        found = self.bob.until_update('updateChatVideoChat', lambda u: u['chat_id'] == GROUP)
        call = self.alice.call('getChat', chat_id=GROUP)['video_chat']['group_call_id']
        for source, (tg, id) in enumerate([(self.alice, call), (self.bob, found['video_chat']['group_call_id'])], 11):
            how = {'@type': 'groupCallJoinParameters', 'audio_source_id': source, 'payload': '{"ssrc": %d}' % source}
            answer = tg.call('joinVideoChat', group_call_id=id, join_parameters=how)
            equal('transport' in json.loads(answer['text']), True, 'parameters of the connection')
        self.alice.call('loadGroupCallParticipants', group_call_id=call, limit=10)
        self.alice.until_update('updateGroupCallParticipant', lambda u: u['participant']['audio_source_id'] == 12)
        self.bob.call('leaveGroupCall', group_call_id=id)
        self.alice.until_update('updateGroupCallParticipant', lambda u: u['participant']['order'] == '')

    def missed(self):
        """More than a slice of what is said in a basic group and in a supergroup; the next word there shows the gap."""
        heard = {BASIC: [], GROUP: []}
        control('/fault', {'type': 'lost_update', 'count': 0, 'user': 1002})
        for chat in (5001, 6002):
            control('/messages', {'chat': chat, 'count': MISSED, 'text': 'missed'})
            control('/messages', {'chat': chat, 'delete': 3})
        control('/clear', {})
        for chat in (5001, 6002):
            control('/messages', {'chat': chat, 'text': 'last'})

        def all_heard():
            for of in heard.values():
                of.clear()
            for u in self.bob.updates:
                if u['@type'] == 'updateNewMessage' and u['message']['chat_id'] in heard:
                    if u['message']['content']['@type'] == 'messageText':
                        heard[u['message']['chat_id']].append(u['message']['content']['text']['text'])
            return all('last' in of for of in heard.values()) or None
        self.bob.wait(all_heard, 'the last word')
        want = ['missed %d' % (i + 1) for i in range(MISSED) if not MISSED - 4 <= i < MISSED - 1] + ['last']
        for chat, of in heard.items():
            equal(of, want, 'what is heard of %d' % chat)

    def drop(self):
        before = len(calls())
        control('/fault', {'type': 'drop_after', 'method': 'phone.createGroupCall'})
        equal(self.create(title='Answer lost')['title'], 'Answer lost', 'the title')
        control('/fault', {'type': 'drop_before', 'method': 'phone.createGroupCall'})
        equal(self.create(title='Query lost')['title'], 'Query lost', 'the title')
        equal(len(calls()), before + 2, 'calls in the sandbox')

    def temporary_key(self):
        tg = self.login('+15550001', pfs=True)
        equal(tg.call('getMe')['id'], 1001, 'the user')
        equal(bool(control('/state')['methods'].get('auth.bindTempAuthKey')), True, 'a key was bound')

    def logout(self):
        self.alice.send('logOut')
        self.alice.until_state('Closed')

    def judged(self):
        for c in self.clients:
            c.close()
        said = pathlib.Path(self.log).read_text(encoding='utf-8').splitlines()
        equal(said[:9], [], 'the first of %d lines of its log' % len(said))


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
    ('schedule', 'creates a scheduled call, starts, renames and ends it', Run.create_scheduled),
    ('admin', 'sees CHAT_ADMIN_REQUIRED', Run.refuse_member),
    ('date', 'sees SCHEDULE_DATE_INVALID nine days ahead', Run.refuse_date),
    ('push', 'a second session sees the call and its message', Run.push),
    ('join', 'two users join the call, one leaves', Run.join),
    ('missed', 'catches up with what it missed, slice by slice', Run.missed),
    ('drop', 'lost connections make no second call', Run.drop),
    ('PFS', 'works with a temporary key', Run.temporary_key),
    ('logout', 'logs out', Run.logout),
    ('log', 'has nothing to complain about', Run.judged),
]


def main(folder):
    run = Run(folder)
    row = []
    for number, (_, name, step) in enumerate(STEPS, 1):
        try:
            step(run)
            row.append('ok')
            print('ok %d - %s' % (number, name), flush=True)
        except Exception:
            row.append('FAILED')
            print('not ok %d - %s' % (number, name))
            print(''.join('# %s\n' % line for line in traceback.format_exc().splitlines()), end='', flush=True)
    print('1..%d' % len(STEPS))
    for line in [('client', 'framing', *(word for word, _, _ in STEPS)), ('tdlib', 'obfuscated intermediate', *row)]:
        print('# ' + ' '.join(cell.ljust(25 if i == 1 else 9) for i, cell in enumerate(line)).rstrip())
    for lint in control('/lints')['lints']:
        print('# lint: %s (%s), %d times' % (lint['lint'], lint['text'], lint['count']))
    return 'FAILED' in row


work = tempfile.mkdtemp(dir=pathlib.Path(sys.argv[1]).resolve().parent)
try:
    status = main(work)
finally:
    shutil.rmtree(work, ignore_errors=True)
sys.stdout.flush()
# TDLib's threads do not outlive an ordinary exit well.
os._exit(1 if status else 0)
