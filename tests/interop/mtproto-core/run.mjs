// @mtproto/core, as its users run it, against the sandbox: key exchange in the old form, login with and without a
// password, group calls, refusals, a pushed update and lost connections.
import { createDiffieHellman, createPublicKey, randomInt } from 'node:crypto'
import { createRequire } from 'node:module'

import { calls, end, equal, framingSeen, inDays, pem, post, ready, refused, runSteps } from './tap.mjs'

const require = createRequire(import.meta.url)
const MTProto = require('@mtproto/core')
const RPC = require('@mtproto/core/src/rpc')

const { n, e } = createPublicKey(pem).export({ format: 'jwk' })
const [modulus, exponent] = [n, e].map(text => Buffer.from(text, 'base64url').toString('hex'))

// It drops leading zeros of what it agrees on, and has another key than the server every 256 times: such a number is
// drawn again. So with passwords, where only the refusal tells.
const generateDH = RPC.prototype.generateDH
RPC.prototype.generateDH = function (retryId) {
    const random = this.crypto.getRandomBytes
    const bytes = number => Buffer.from(number.toString(16).padStart(512, '0'), 'hex')
    let dh
    do {
        dh = createDiffieHellman(bytes(this.dhPrime), this.g.toJSNumber())
        dh.setPrivateKey(Buffer.from(random(256)))
        dh.generateKeys()
    } while (!dh.getPublicKey()[0] || dh.getPublicKey().length < 256 || !dh.computeSecret(bytes(this.gA))[0])
    this.crypto.getRandomBytes = length => {
        this.crypto.getRandomBytes = random
        return new Uint8Array(dh.getPrivateKey())
    }
    return generateDH.call(this, retryId)
}

const ours = { syncAuth: false }
const me = [{ _: 'inputUserSelf' }]

// Addresses and keys are built into it.
function client() {
    const kept = new Map()
    const tg = new MTProto({
        api_id: 12345, api_hash: '0123456789abcdef0123456789abcdef',
        storageOptions: {
            instance: { set: async (key, value) => kept.set(key, value), get: async key => kept.get(key) },
        },
    })
    tg.dcList = [1, 2].map(id => {
        const [ip, port] = ready[`dc${id}`].split(':')
        return { id, ip, port: Number(port) }
    })
    tg.crypto.rsa.getRsaKeyByFingerprints = async ([fingerprint]) => ({ fingerprint, modulus, exponent })
    tg.setDefaultDc(1)
    tg.ask = (method, params) => tg.call(method, params, ours).catch(error => {
        throw Object.assign(new Error(error.error_message), { text: error.error_message })
    })
    return tg
}

async function sendCode(tg, phone) {
    const params = { phone_number: phone, settings: { _: 'codeSettings' } }
    try {
        return await tg.ask('auth.sendCode', params)
    } catch (error) {
        const to = /^PHONE_MIGRATE_(\d)$/.exec(error.text)
        if (!to) throw error
        tg.setDefaultDc(Number(to[1]))
        return tg.ask('auth.sendCode', params)
    }
}

async function checkPassword(tg, password) {
    for (let tries = 1; ; tries++) {
        const { srp_id, current_algo: algo, srp_B: gB } = await tg.ask('account.getPassword')
        const proof = await tg.crypto.getSRPParams({ ...algo, gB, password })
        try {
            return await tg.ask('auth.checkPassword', { password: { _: 'inputCheckPasswordSRP', srp_id, ...proof } })
        } catch (error) {
            if (error.text !== 'PASSWORD_HASH_INVALID' || tries === 3) throw error
        }
    }
}

async function login(phone, password, tg = client()) {
    const { phone_code_hash } = await sendCode(tg, phone)
    try {
        await tg.ask('auth.signIn', { phone_number: phone, phone_code_hash, phone_code: '12345' })
    } catch (error) {
        if (error.text !== 'SESSION_PASSWORD_NEEDED') throw error
        await checkPassword(tg, password)
    }
    return tg
}

async function loginByQr(by) {
    const tg = client()
    const ids = { api_id: 12345, api_hash: '0123456789abcdef0123456789abcdef', except_ids: [] }
    const { token } = await tg.ask('auth.exportLoginToken', ids)
    const told = new Promise(yes => tg.updates.on('updateShort', ({ update }) => {
        if (update._ === 'updateLoginToken') yes()
    }))
    await by.ask('auth.acceptLoginToken', { token })
    await told
    equal((await tg.ask('auth.exportLoginToken', ids))._, 'auth.loginTokenSuccess', 'the answer')
    return tg
}

const user = async tg => (await tg.ask('users.getUsers', { id: me }))[0]
const callOf = updates => updates.updates.filter(u => u._ === 'updateGroupCall').at(-1).call

async function resolve(tg, username) {
    const { chats: [{ id, access_hash }] } = await tg.ask('contacts.resolveUsername', { username })
    return { _: 'inputPeerChannel', channel_id: id, access_hash }
}

// Resolves with the call of that title once it is pushed to TG.
const seen = (tg, title) => new Promise(yes => tg.updates.on('updates', updates => {
    const call = updates.updates.some(u => u._ === 'updateGroupCall') && callOf(updates)
    if (call.title === title) yes(call)
}))

let alice, second, channel

const create = async (more = {}, peer = channel) => callOf(await alice.ask('phone.createGroupCall', {
    peer, random_id: randomInt(1, 2 ** 31), ...more,
}))

async function dropped(type) {
    const title = `Lost, ${type}`
    const before = (await calls()).length
    const pushed = seen(second, title)
    await post('/fault', { type, method: 'phone.createGroupCall' })
    const call = await create({ title })
    equal(call.title, title, 'the title')
    equal((await pushed).id, call.id, 'the call of the update')
    equal((await calls()).length, before + 1, 'calls in the sandbox')
}

const framing = 'obfuscated intermediate'
const steps = [
    ['key', 'exchanges a key', async () => {
        alice = client()
        equal((await alice.ask('help.getConfig')).this_dc, 1, 'the data centre')
        equal(await framingSeen(), framing, 'the framing')
    }],
    ['code', 'logs in with a code', async () => {
        await login('+15550001', undefined, alice)
        equal((await user(alice)).id, 1001, 'the user')
    }],
    ['2FA', 'logs in with a code and a password', async () => {
        equal((await user(await login('+15550002', 'correct horse'))).username, 'bobby', 'the user')
    }],
    ['migrate', 'is told PHONE_MIGRATE and logs in at the other data centre', async () => {
        equal((await user(await login('+15550003'))).id, 1003, 'the user')
    }],
    ['QR', 'logs in by QR code', async () => {
        equal((await user(await loginByQr(alice))).id, 1001, 'the user')
    }],
    ['resolve', 'resolves a channel', async () => {
        channel = await resolve(alice, 'sandbox_channel')
        equal(channel.channel_id, 6001, 'the channel')
    }],
    ['create', 'creates a call with a title', async () => {
        const call = await create({ title: 'Core' })
        equal(call.title, 'Core', 'the title')
        equal((await calls()).at(-1).id, call.id, 'the call in the sandbox')
    }],
    ['schedule', 'creates a scheduled call', async () => {
        const schedule_date = inDays(2)
        equal((await create({ schedule_date })).schedule_date, schedule_date, 'the date')
    }],
    ['once', 'the same random_id twice makes one call', async () => {
        const before = (await calls()).length
        const random_id = randomInt(1, 2 ** 31)
        const first = await create({ random_id })
        equal((await create({ random_id })).id, first.id, 'the call')
        equal((await calls()).length, before + 1, 'calls in the sandbox')
    }],
    ['admin', 'sees CHAT_ADMIN_REQUIRED', async () => {
        await refused(create({}, await resolve(alice, 'sandbox_readonly')), 'CHAT_ADMIN_REQUIRED')
    }],
    ['date', 'sees SCHEDULE_DATE_INVALID nine days ahead', () =>
        refused(create({ schedule_date: inDays(9) }), 'SCHEDULE_DATE_INVALID')],
    ['push', 'a second session sees the call', async () => {
        second = await login('+15550001')
        const pushed = seen(second, 'Seen')
        equal((await create({ title: 'Seen' })).id, (await pushed).id, 'the call')
    }],
    ['query', 'a query that is lost with its connection is sent again', () => dropped('drop_before')],
    ['answer', 'an answer that is lost with its connection makes no second call', () => dropped('drop_after')],
]

const rows = [await runSteps('mtp-core', framing, steps)]
process.exit(await end(steps.map(([word]) => word), rows))
