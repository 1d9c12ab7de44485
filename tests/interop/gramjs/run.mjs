// GramJS, as its users run it, against the sandbox: in every framing that it has, key exchange, login with and without a
// password, group calls, refusals and a pushed update.
import { randomInt } from 'node:crypto'
import { createRequire } from 'node:module'

import { addKey } from './key.mjs'
import { calls, end, equal, framingSeen, inDays, pem, ready, refused, runSteps } from './tap.mjs'

const require = createRequire(import.meta.url)
const { Api, Logger, TelegramClient } = require('telegram')
const { Raw } = require('telegram/events')
const { ConnectionTCPAbridged, ConnectionTCPFull, ConnectionTCPObfuscated } = require('telegram/network/connection')
const { MemorySession } = require('telegram/sessions')

// Addresses and ports are built into GramJS.
const inSandbox = Base => class extends Base {
    constructor(options) {
        const [ip, port] = ready[`dc${options.dcId}`].split(':')
        super({ ...options, ip, port: Number(port) })
    }
}

// the table's word, as the sandbox sees it; the class
const FRAMINGS = [
    ['full', ConnectionTCPFull],
    ['abridged', ConnectionTCPAbridged],
    ['obfuscated abridged', ConnectionTCPObfuscated],
]

const callOf = updates => updates.updates.filter(u => u instanceof Api.UpdateGroupCall).at(-1).call
let clients = []

function steps(framing, Base) {
    let alice, bob, carol, channel

    function client() {
        const session = new MemorySession()
        session.setDC(1, ...ready.dc1.split(':'))
        const tg = new TelegramClient(session, 12345, '0123456789abcdef0123456789abcdef', {
            connection: inSandbox(Base), connectionRetries: 5, retryDelay: 100, baseLogger: new Logger('none'),
        })
        clients.push(tg)
        return tg
    }

    async function login(phone, password) {
        const tg = client()
        await tg.start({
            phoneNumber: phone, phoneCode: async () => '12345', password: async () => password,
            onError: error => { throw error },
        })
        return tg
    }

    // The user's id, after BY has accepted what was shown.
    async function loginByQr(by, password) {
        const tg = client()
        await tg.connect()
        const user = await tg.signInUserWithQrCode({ apiId: 12345, apiHash: '0123456789abcdef0123456789abcdef' }, {
            qrCode: async ({ token }) => {
                await by.invoke(new Api.auth.AcceptLoginToken({ token }))
            },
            password: async () => password, onError: error => { throw error },
        })
        equal((await tg.getMe()).id, user.id, 'the user')
        return user.id
    }

    const create = async (peer, more = {}) => callOf(await alice.invoke(
        new Api.phone.CreateGroupCall({ peer, randomId: randomInt(1, 2 ** 31), ...more })))

    return [
        ['key', 'exchanges a key', async () => {
            const tg = client()
            equal(await tg.connect(), true, 'connected')
            equal(tg.session.authKey.getKey().length, 256, 'bytes of the key')
            equal(await framingSeen(), framing, 'the framing')
        }],
        ['code', 'logs in with a code', async () => {
            alice = await login('+15550001')
            equal((await alice.getMe()).id, 1001, 'the user')
        }],
        ['2FA', 'logs in with a code and a password', async () => {
            bob = await login('+15550002', 'correct horse')
            equal((await bob.getMe()).username, 'bobby', 'the user')
        }],
        ['migrate', 'follows PHONE_MIGRATE to the other data centre', async () => {
            carol = await login('+15550003')
            equal((await carol.getMe()).id, 1003, 'the user')
            equal(carol.session.dcId, 2, 'the data centre')
        }],
        ['QR', 'logs in by QR code, at home and in the other data centre', async () => {
            equal(await loginByQr(alice), 1001, 'the user')
            equal(await loginByQr(carol), 1003, 'the user of the other data centre')
        }],
        ['QR+2FA', 'logs in by QR code and a password', async () => {
            equal(await loginByQr(bob, 'correct horse'), 1002, 'the user')
        }],
        ['resolve', 'resolves a channel', async () => {
            channel = await alice.getEntity('sandbox_channel')
            equal(channel.id, 6001, 'the channel')
        }],
        ['create', 'creates a call with a title', async () => {
            const title = `GramJS, ${framing}`
            const call = await create(channel, { title })
            equal(call.title, title, 'the title')
            equal((await calls()).at(-1).id, call.id, 'the call in the sandbox')
        }],
        ['schedule', 'creates a scheduled call', async () => {
            const scheduleDate = inDays(2)
            equal((await create(channel, { scheduleDate })).scheduleDate, scheduleDate, 'the date')
        }],
        ['once', 'the same random_id twice makes one call', async () => {
            const before = (await calls()).length
            const randomId = randomInt(1, 2 ** 31)
            const first = await create(channel, { randomId })
            equal((await create(channel, { randomId })).id, first.id, 'the call')
            equal((await calls()).length, before + 1, 'calls in the sandbox')
        }],
        ['admin', 'sees CHAT_ADMIN_REQUIRED', () => refused(create('sandbox_readonly'), 'CHAT_ADMIN_REQUIRED')],
        ['date', 'sees SCHEDULE_DATE_INVALID nine days ahead', () =>
            refused(create(channel, { scheduleDate: inDays(9) }), 'SCHEDULE_DATE_INVALID')],
        ['push', 'a second session sees the call', async () => {
            const second = await login('+15550001')
            const title = `Seen, ${framing}`
            const seen = new Promise(yes => second.addEventHandler(update => {
                if (update instanceof Api.UpdateGroupCall && update.call.title === title) yes(update.call)
            }, new Raw({})))
            const call = await create(channel, { title })
            equal((await seen).id, call.id, 'the call')
        }],
    ]
}

addKey(pem)
const rows = []
let words
for (const [framing, Base] of FRAMINGS) {
    const list = steps(framing, Base)
    words = list.map(([word]) => word)
    rows.push(await runSteps('gramjs', framing, list))
    const ended = Promise.all(clients.map(tg => tg.destroy().catch(() => {})))
    await Promise.race([ended, new Promise(yes => setTimeout(yes, 2000))])
    clients = []
}
process.exit(await end(words, rows))
