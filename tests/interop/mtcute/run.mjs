// mtcute, as its users run it, against the sandbox: login, 2FA, group calls, pushed updates. TAP on stdout.
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { MemoryStorage } from '@mtcute/core'
import { addPublicKey } from '@mtcute/core/utils.js'
import { TelegramClient } from '@mtcute/node'
import { NodeCryptoProvider } from '@mtcute/node/utils.js'

const [readyFile, keyFile] = process.argv.slice(2)
const ready = JSON.parse(readFileSync(readyFile, 'utf8'))
const pem = readFileSync(keyFile, 'utf8')
const [host, port] = ready.dc1.split(':')

const crypto = new NodeCryptoProvider()
await crypto.initialize?.()
addPublicKey(crypto, pem.slice(pem.indexOf('-----BEGIN')))

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

const login = (phone, password) => {
    const tg = client()
    return tg.start({ phone, code: () => '12345', password, ...quiet }).then(() => tg)
}

const control = (path, options) => fetch(`http://${ready.control}${path}`, options).then(r => r.json())
const fault = body => control('/fault', { method: 'POST', body: JSON.stringify(body) })
const calls = async () => (await control('/state')).calls

let count = 0
let failed = 0
async function test(name, body) {
    const timeout = new Promise((_, no) => setTimeout(() => no(new Error('no result in 20 s')), 20000).unref())
    count++
    try {
        await Promise.race([body(), timeout])
        console.log(`ok ${count} - ${name}`)
    } catch (error) {
        failed++
        console.log(`not ok ${count} - ${name}`)
        console.log(String(error?.stack ?? error).replace(/^/gm, '# '))
    }
}

function equal(got, want, what) {
    if (String(got) !== String(want)) throw new Error(`${what}: got ${got}, want ${want}`)
}

async function refused(promise, text) {
    const got = await promise.then(() => 'a result', error => error.text ?? String(error))
    equal(got, text, 'the refusal')
}

const create = async (tg, peer, more = {}) =>
    tg.call({ _: 'phone.createGroupCall', peer: await tg.resolvePeer(peer), randomId: randomInt(1, 2 ** 31), ...more })
const callOf = updates => updates.updates.filter(u => u._ === 'updateGroupCall').at(-1).call
const inDays = days => Math.floor(Date.now() / 1000) + days * 86400

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

console.log(`1..${count}`)
if (process.env.MTCUTE_REPORT) {
    console.log('# methods', JSON.stringify((await control('/state')).methods))
    console.log('# lints', JSON.stringify(await control('/lints')))
}
const destroyed = Promise.all(clients.map(tg => tg.destroy().catch(() => {})))
await Promise.race([destroyed, new Promise(yes => setTimeout(yes, 3000))])
process.exit(failed ? 1 : 0)
