// A server's public key for GramJS, which has Telegram's built in.
import { createHash, createPublicKey } from 'node:crypto'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const bigInt = require('big-integer')
const { _serverKeys } = require('telegram/crypto/RSA')

// GramJS knows keys by fingerprint: the end of SHA1 over modulus and exponent as TL strings.
export function addKey(pem) {
    const { n, e } = createPublicKey(pem).export({ format: 'jwk' })
    const [modulus, exponent] = [n, e].map(text => Buffer.from(text, 'base64url'))
    const text = Buffer.concat([
        Buffer.from([254, modulus.length & 255, modulus.length >> 8, 0]), modulus,
        Buffer.from([exponent.length]), exponent,
    ])
    const fingerprint = createHash('sha1').update(text).digest().readBigInt64LE(12)
    const value = { n: bigInt(modulus.toString('hex'), 16), e: Number(`0x${exponent.toString('hex')}`) }
    _serverKeys.set(fingerprint.toString(), value)
}
