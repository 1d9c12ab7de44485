// mtcute, logged in at the sandbox in HOST:PORT, whose key is in KEY.pem.
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { MemoryStorage } from '@mtcute/core'
import { addPublicKey } from '@mtcute/core/utils.js'
import { TelegramClient } from '@mtcute/node'
import { NodeCryptoProvider } from '@mtcute/node/utils.js'

export async function connect(address, keyFile) {
    const [host, port] = address.split(':')
    const crypto = new NodeCryptoProvider()
    await crypto.initialize?.()
    const keyText = readFileSync(keyFile, 'utf8')
    addPublicKey(crypto, keyText.slice(keyText.indexOf('-----BEGIN')))
    const dc = { id: 1, ipAddress: host, port: Number(port) }
    const tg = new TelegramClient({
        apiId: 12345, apiHash: '0123456789abcdef0123456789abcdef', storage: new MemoryStorage(),
        defaultDcs: { main: dc, media: { ...dc, mediaOnly: true } }, logLevel: 0, disableUpdates: true,
    })
    await tg.start({ phone: '+15550001', code: () => '12345', codeSentCallback: () => {} })
    return tg
}

export const create = (tg, peer, title) =>
    tg.call({ _: 'phone.createGroupCall', peer, title, randomId: randomInt(1, 2 ** 31) })
