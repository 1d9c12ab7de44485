// mtcute called directly: phone.createGroupCall from 1 and from N promises, each in a chat of its own.
// usage: bench.mjs HOST:PORT KEY.pem SECONDS N; one line of JSON on stdout.
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { MemoryStorage } from '@mtcute/core'
import { addPublicKey } from '@mtcute/core/utils.js'
import { TelegramClient } from '@mtcute/node'
import { NodeCryptoProvider } from '@mtcute/node/utils.js'

const [address, keyFile, seconds, many] = process.argv.slice(2)
const [host, port] = address.split(':')

const crypto = new NodeCryptoProvider()
await crypto.initialize?.()
const keyText = readFileSync(keyFile, 'utf8')
addPublicKey(crypto, keyText.slice(keyText.indexOf('-----BEGIN')))

const memory = () => {
    const text = readFileSync('/proc/self/status', 'utf8')
    const of = name => Number(text.match(new RegExp(`${name}:\\s+(\\d+)`))[1])
    return { anon_kb: of('RssAnon'), rss_kb: of('VmRSS') }
}

const dc = { id: 1, ipAddress: host, port: Number(port) }
const tg = new TelegramClient({
    apiId: 12345, apiHash: '0123456789abcdef0123456789abcdef', storage: new MemoryStorage(),
    defaultDcs: { main: dc, media: { ...dc, mediaOnly: true } }, logLevel: 0, disableUpdates: true,
})
await tg.start({ phone: '+15550001', code: () => '12345', codeSentCallback: () => {} })
const result = { ready_ms: performance.now(), idle: memory() }
const peers = []
for (let i = 1; i <= Number(many); i++)
    peers.push(await tg.resolvePeer(`sandbox_load_${i}`))

const create = peer => tg.call({ _: 'phone.createGroupCall', peer, title: 'bench', randomId: randomInt(1, 2 ** 31) })

// Of one round: a sandbox refuses more than 100000 in its life.
const CALLS_MAX = 14000

async function load(n, time) {
    const took = []
    const until = performance.now() + time * 1000
    const cpu = process.cpuUsage()
    const start = performance.now()
    await Promise.all(peers.slice(0, n).map(async peer => {
        while (performance.now() < until && took.length < CALLS_MAX) {
            const at = performance.now()
            await create(peer)
            took.push(performance.now() - at)
        }
    }))
    const used = process.cpuUsage(cpu)
    took.sort((a, b) => a - b)
    return {
        rate: took.length / (performance.now() - start) * 1000, p50_us: took[took.length >> 1] * 1000,
        p99_us: took[Math.floor(took.length * 0.99)] * 1000, cpu_us: (used.user + used.system) / took.length,
    }
}

await load(Number(many), 1)
// The median of three.
async function measure(n) {
    const rounds = []
    for (let i = 0; i < 3; i++)
        rounds.push(await load(n, Number(seconds)))
    return rounds.sort((a, b) => a.cpu_us - b.cpu_us)[1]
}
result.one = await measure(1)
result.many = await measure(Number(many))
result.after = memory()
console.log(JSON.stringify(result))
process.exit(0)
