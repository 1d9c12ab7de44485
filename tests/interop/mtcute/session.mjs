// What tests/interop/session.py asks of mtcute. usage: session.mjs login|use HOST:PORT KEY.pem
import { readFileSync } from 'node:fs'

import { MemoryStorage } from '@mtcute/core'
import { addPublicKey } from '@mtcute/core/utils.js'
import { TelegramClient } from '@mtcute/node'
import { NodeCryptoProvider } from '@mtcute/node/utils.js'

const [verb, dc1, keyFile] = process.argv.slice(2)
const pem = readFileSync(keyFile, 'utf8')
const crypto = new NodeCryptoProvider()
await crypto.initialize?.()
addPublicKey(crypto, pem.slice(pem.indexOf('-----BEGIN')))
const [host, port] = dc1.split(':')

// What is imported brings its data centre along.
const dc = { id: 1, ipAddress: host, port: Number(port) }
const tg = new TelegramClient({
    apiId: 12345, apiHash: '0123456789abcdef0123456789abcdef', storage: new MemoryStorage(), logLevel: 1,
    ...verb === 'login' && { defaultDcs: { main: dc, media: { ...dc, mediaOnly: true } } },
})
if (verb === 'login') {
    await tg.start({ phone: '+15550001', code: () => '12345', codeSentCallback: () => {} })
    console.log(await tg.exportSession())
} else {
    await tg.importSession(readFileSync(0, 'utf8').trim())
    const peer = await tg.resolvePeer('sandbox_channel')
    await tg.call({ _: 'phone.createGroupCall', peer, title: 'Back', randomId: 1 })
    console.log(String((await tg.getMe()).id))
}
await Promise.race([tg.destroy(), new Promise(yes => setTimeout(yes, 2000))])
process.exit(0)
