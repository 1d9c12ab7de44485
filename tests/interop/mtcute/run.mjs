// mtcute, as its users run it, against the sandbox: every framing that it has; login, 2FA, group calls, pushed updates.
import { randomInt } from 'node:crypto'

import { IntermediatePacketCodec, MemoryStorage, ObfuscatedPacketCodec, PaddedIntermediatePacketCodec } from '@mtcute/core'
import { addPublicKey } from '@mtcute/core/utils.js'
import { TcpTransport, TelegramClient } from '@mtcute/node'
import { NodeCryptoProvider } from '@mtcute/node/utils.js'

import { invitesToAConference, makesAConference, speaksInACall, told } from './in_call.mjs'
import { calls, control, end, equal, framingSeen, inDays, pem, post, ready, refused, runSteps, test } from './tap.mjs'

const [host, port] = ready.dc1.split(':')

const crypto = new NodeCryptoProvider()
await crypto.initialize?.()
addPublicKey(crypto, pem)

const quiet = { codeSentCallback: () => {} }
const clients = []
function client(more = {}) {
    const dc = { id: 1, ipAddress: host, port: Number(port) }
    const tg = new TelegramClient({
        apiId: 12345,
        apiHash: '0123456789abcdef0123456789abcdef',
        storage: new MemoryStorage(),
        defaultDcs: { main: dc, media: { ...dc, mediaOnly: true } },
        logLevel: Number(process.env.MTCUTE_LOG ?? 1),
        ...more,
        initConnectionOptions: { deviceModel: 'interop', appVersion: '1.0' },
    })
    clients.push(tg)
    return tg
}

const login = (phone, password, more) => {
    const tg = client(more)
    return tg.start({ phone, code: () => '12345', password, ...quiet }).then(() => tg)
}

// The user, after BY has accepted what was shown.
async function loginByQr(by, password, more) {
    const tg = client(more)
    await tg.signInQr({
        onUrlUpdated: url => {
            const token = Buffer.from(new URL(url).searchParams.get('token'), 'base64url')
            by.call({ _: 'auth.acceptLoginToken', token })
        },
        password,
    })
    return tg.getMe()
}

const fault = body => post('/fault', body)

const create = async (tg, peer, more = {}) =>
    told(tg, { _: 'phone.createGroupCall', peer: await tg.resolvePeer(peer), randomId: randomInt(1, 2 ** 31), ...more })
const callOf = updates => updates.updates.filter(u => u._ === 'updateGroupCall').at(-1).call

// As the sandbox sees them. mtcute has no abridged framing, and no full one.
const FRAMINGS = {
    intermediate: () => new IntermediatePacketCodec(),
    padded: () => new PaddedIntermediatePacketCodec(),
    'obfuscated intermediate': () => new ObfuscatedPacketCodec(new IntermediatePacketCodec()),
    'obfuscated padded': () => new ObfuscatedPacketCodec(new PaddedIntermediatePacketCodec()),
}

function steps(framing) {
    class Transport extends TcpTransport {
        packetCodec() {
            return FRAMINGS[framing]()
        }
    }
    const as = { transport: new Transport() }
    let alice, bob, carol

    return [
        ['key', 'exchanges a key', async () => {
            const tg = client(as)
            equal((await tg.call({ _: 'help.getConfig' })).thisDc, 1, 'the data centre')
            equal(await framingSeen(), framing, 'the framing')
        }],
        ['code', 'logs in with a code', async () => {
            alice = await login('+15550001', undefined, as)
            equal((await alice.getMe()).id, 1001, 'the user')
        }],
        ['2FA', 'logs in with a code and a password', async () => {
            bob = await login('+15550002', 'correct horse', as)
            equal((await bob.getMe()).username, 'bobby', 'the user')
        }],
        ['migrate', 'follows PHONE_MIGRATE to the other data centre', async () => {
            carol = await login('+15550003', undefined, as)
            equal((await carol.getMe()).id, 1003, 'the user')
            equal((await carol.call({ _: 'help.getConfig' })).thisDc, 2, 'the data centre')
        }],
        ['QR', 'logs in by QR code, at home and in the other data centre', async () => {
            equal((await loginByQr(alice, undefined, as)).id, 1001, 'the user')
            equal((await loginByQr(carol, undefined, as)).id, 1003, 'the user of the other data centre')
        }],
        ['QR+2FA', 'logs in by QR code and a password', async () => {
            equal((await loginByQr(bob, 'correct horse', as)).username, 'bobby', 'the user')
        }],
        ['resolve', 'resolves a channel', async () => {
            equal((await alice.resolvePeer('sandbox_channel')).channelId, 6001, 'the channel')
        }],
        ['create', 'creates a call with a title', async () => {
            const title = `mtcute, ${framing}`
            equal(callOf(await create(alice, 'sandbox_channel', { title })).title, title, 'the title')
            equal((await calls()).at(-1).title, title, 'the title in the sandbox')
        }],
        ['schedule', 'creates a scheduled call', async () => {
            const scheduleDate = inDays(2)
            equal(callOf(await create(alice, 'sandbox_channel', { scheduleDate })).scheduleDate, scheduleDate, 'the date')
        }],
        ['once', 'the same random_id twice makes one call', async () => {
            const before = (await calls()).length
            const randomId = randomInt(1, 2 ** 31)
            const first = callOf(await create(alice, 'sandbox_channel', { randomId }))
            equal(callOf(await create(alice, 'sandbox_channel', { randomId })).id, first.id, 'the call')
            equal((await calls()).length, before + 1, 'calls in the sandbox')
        }],
        ['admin', 'sees CHAT_ADMIN_REQUIRED', () => refused(create(alice, 'sandbox_readonly'), 'CHAT_ADMIN_REQUIRED')],
        ['date', 'sees SCHEDULE_DATE_INVALID nine days ahead', () =>
            refused(create(alice, 'sandbox_channel', { scheduleDate: inDays(9) }), 'SCHEDULE_DATE_INVALID')],
        ['push', 'a second session sees the call', async () => {
            const second = await login('+15550001', undefined, as)
            const title = `Seen, ${framing}`
            const seen = new Promise(yes => second.onRawUpdate.add(({ update }) => {
                if (update._ === 'updateGroupCall' && update.call.title === title) yes(update.call)
            }))
            await second.startUpdatesLoop()
            const call = callOf(await create(alice, 'sandbox_channel', { title }))
            equal((await seen).id, call.id, 'the call')
        }],
    ]
}

const rows = []
let words
for (const framing of Object.keys(FRAMINGS)) {
    const list = steps(framing)
    words = list.map(([word]) => word)
    rows.push(await runSteps('mtcute', framing, list))
}

let alice, bob
await test('logs in with a code', async () => {
    alice = await login('+15550001')
    equal((await alice.getMe()).id, 1001, 'the user')
})
await test('logs in with a code and a password', async () => {
    bob = await login('+15550002', 'correct horse')
    equal((await bob.getMe()).username, 'bobby', 'the user')
})
await test('is told that the password is wrong', async () => {
    const tg = client()
    const wrong = tg.start({ phone: '+15550002', code: () => '12345', password: 'wrong', ...quiet })
    await refused(wrong.catch(e => { throw new Error(e.message) }), 'Error: Provided password was invalid')
})
await test('is told that the code is wrong, then logs in', async () => {
    const codes = ['54321', '12345']
    let wrong = 0
    const tg = client()
    await tg.start({
        phone: '+15550001', code: () => codes.shift(), ...quiet, invalidCodeCallback: () => { wrong++ },
    })
    equal(wrong, 1, 'refused codes')
})
await test('follows PHONE_MIGRATE to the other data centre', async () => {
    const carol = await login('+15550003')
    equal((await carol.getMe()).id, 1003, 'the user')
    equal(callOf(await create(carol, 'sandbox_stranger', { title: 'At home' })).title, 'At home', 'the title')
})
await test('works with a temporary key (PFS)', async () => {
    const tg = client({ network: { usePfs: true } })
    await tg.start({ phone: '+15550001', code: () => '12345', ...quiet })
    equal(callOf(await create(tg, 'sandbox_channel', { title: 'Forward' })).title, 'Forward', 'the title')
    if (!(await control('/state')).methods['auth.bindTempAuthKey']) throw new Error('no key was bound')
})
await test('signs up with a new number', async () => {
    const tg = client()
    const { phoneCodeHash } = await tg.sendCode({ phone: '+15559999' })
    const login = { phoneNumber: '15559999', phoneCodeHash }
    const known = await tg.call({ _: 'auth.signIn', ...login, phoneCode: '12345' })
    equal(known._, 'auth.authorizationSignUpRequired', 'the answer')
    const done = await tg.call({ _: 'auth.signUp', ...login, firstName: 'Neo', lastName: '' })
    equal(done.user.firstName, 'Neo', 'the name')
})
await test('resolves a channel and creates a call in it', async () => {
    const updates = await create(alice, 'sandbox_channel', { title: 'From mtcute' })
    const call = callOf(updates)
    equal(call._, 'groupCall', 'the call')
    equal(call.title, 'From mtcute', 'its title')
    const known = (await calls()).at(-1)
    equal(known.title, 'From mtcute', 'the title in the sandbox')
    equal(call.accessHash, known.access_hash, 'the hash')
})
await test('reads the call back', async () => {
    const call = callOf(await create(alice, 'sandbox_group', { title: 'Read me' }))
    const full = await alice.getFullChat('sandbox_group')
    equal(full.full.call.id, call.id, 'the call of the chat')
    const got = await alice.call({ _: 'phone.getGroupCall', call: full.full.call, limit: 0 })
    equal(got.call.title, 'Read me', 'its title')
})
await test('creates a scheduled call and starts it', async () => {
    const call = callOf(await create(alice, 'sandbox_channel', { scheduleDate: inDays(2) }))
    if (!call.scheduleDate) throw new Error('it has no date')
    const input = { _: 'inputGroupCall', id: call.id, accessHash: call.accessHash }
    const started = callOf(await alice.call({ _: 'phone.startScheduledGroupCall', call: input }))
    equal(started.scheduleDate, undefined, 'the date')
    await refused(alice.call({ _: 'phone.startScheduledGroupCall', call: input }), 'GROUPCALL_ALREADY_STARTED')
})
await test('the same random_id twice makes one call', async () => {
    const before = (await calls()).length
    const first = callOf(await create(alice, 'sandbox_channel', { randomId: 777, title: 'Once' }))
    const second = callOf(await create(alice, 'sandbox_channel', { randomId: 777, title: 'Once' }))
    equal(second.id, first.id, 'the call')
    equal((await calls()).length, before + 1, 'calls in the sandbox')
})
await test('renames and discards a call', async () => {
    const call = callOf(await create(alice, 'sandbox_channel'))
    const input = { _: 'inputGroupCall', id: call.id, accessHash: call.accessHash }
    const renamed = await alice.call({ _: 'phone.editGroupCallTitle', call: input, title: 'Now so' })
    equal(callOf(renamed).title, 'Now so', 'the title')
    equal(callOf(await alice.call({ _: 'phone.discardGroupCall', call: input }))._, 'groupCallDiscarded', 'the call')
    await refused(alice.call({ _: 'phone.discardGroupCall', call: input }), 'GROUPCALL_ALREADY_DISCARDED')
})
await test('creates a call in a basic group that it finds among its dialogs', async () => {
    let found
    for await (const dialog of alice.iterDialogs()) if (dialog.peer.title === 'Sandbox basic') found = dialog.peer
    equal(callOf(await create(alice, found.inputPeer, { title: 'Basic' })).title, 'Basic', 'the title')
})
for (const [where, peer, error] of [
    ['it is a plain member', 'sandbox_readonly', 'CHAT_ADMIN_REQUIRED'],
    ['it may not manage calls', 'sandbox_noright', 'CHAT_ADMIN_REQUIRED'],
    ['it is a stranger', 'sandbox_stranger', 'CHANNEL_PRIVATE'],
    ['the peer is a user', 'bobby', 'PEER_ID_INVALID'],
]) await test(`sees ${error} where ${where}`, () => refused(create(alice, peer), error))
await test('sees SCHEDULE_DATE_INVALID nine days ahead', () =>
    refused(create(alice, 'sandbox_channel', { scheduleDate: inDays(9) }), 'SCHEDULE_DATE_INVALID'))
await test('a second session of the user and a member of the chat see the call', async () => {
    const second = await login('+15550001')
    const waits = [second, bob].map(tg => new Promise(yes => {
        tg.onRawUpdate.add(info => {
            if (info.update._ === 'updateGroupCall' && info.update.call.title === 'Seen') yes(info.update.call)
        })
    }))
    for (const tg of [second, bob]) await tg.startUpdatesLoop()
    const call = callOf(await create(alice, 'sandbox_group', { title: 'Seen' }))
    for (const seen of await Promise.all(waits)) equal(seen.id, call.id, 'the call')
})
await test('makes a conference, and looks at it by its link', () => makesAConference(alice, bob))
await test('invites to a conference, which rings, is looked at and declined', async () => {
    for (const tg of [alice, bob]) await tg.startUpdatesLoop()
    await invitesToAConference(alice, bob)
})
await test('says something in a call, once, is heard, and deletes it', async () => {
    const call = callOf(await create(alice, 'sandbox_group', { title: 'Talk' }))
    await speaksInACall(alice, bob, { _: 'inputGroupCall', id: call.id, accessHash: call.accessHash })
})
await test('survives a dropped connection and a new salt without a second call', async () => {
    await fault({ type: 'drop_after', method: 'phone.createGroupCall' })
    await fault({ type: 'bad_server_salt' })
    const before = (await calls()).length
    equal(callOf(await create(alice, 'sandbox_channel', { title: 'Dropped' })).title, 'Dropped', 'the title')
    equal((await calls()).length, before + 1, 'calls in the sandbox')
})
await test('takes gzipped and doubled answers', async () => {
    await fault({ type: 'gzip', method: 'phone.createGroupCall' })
    await fault({ type: 'duplicate', method: 'phone.createGroupCall' })
    equal(callOf(await create(alice, 'sandbox_channel', { title: 'Zipped' })).title, 'Zipped', 'the title')
})
await test('logs out', async () => {
    await bob.logOut()
    await refused(bob.call({ _: 'updates.getState' }), 'AUTH_KEY_UNREGISTERED')
})

const status = await end(words, rows)
const destroyed = Promise.all(clients.map(tg => tg.destroy().catch(() => {})))
await Promise.race([destroyed, new Promise(yes => setTimeout(yes, 3000))])
process.exit(status)
