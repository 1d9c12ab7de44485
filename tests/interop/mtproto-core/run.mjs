// @mtproto/core, as its users run it, against the sandbox: key exchange in the old form, login with and without a password,
// group calls, refusals, a pushed update and a dropped connection.
import { createDiffieHellman, createHash, createPublicKey, randomInt } from 'node:crypto'
import { createRequire } from 'node:module'

import { calls, control, end, equal, framingSeen, inDays, pem, post, ready, refused, runSteps } from './tap.mjs'

const require = createRequire(import.meta.url)
const MTProto = require('@mtproto/core')

const hex = text => Buffer.from(text, 'base64url').toString('hex')
const { n, e } = createPublicKey(pem).export({ format: 'jwk' })

// Addresses and keys are built into it.
const dcList = [1, 2].map(id => {
    const [ip, port] = ready[`dc${id}`].split(':')
    return { id, ip, port: Number(port) }
})
const getRsaKeyByFingerprints = async ([fingerprint]) => ({ fingerprint, modulus: hex(n), exponent: hex(e) })

function client() {
    const kept = new Map()
    const tg = new MTProto({
        api_id: 12345, api_hash: '0123456789abcdef0123456789abcdef',
        storageOptions: { instance: { set: async (key, value) => kept.set(key, value), get: async key => kept.get(key) } },
    })
    tg.dcList = dcList
    tg.crypto.rsa.getRsaKeyByFingerprints = getRsaKeyByFingerprints
    tg.setDefaultDc(1)
    return tg
}
