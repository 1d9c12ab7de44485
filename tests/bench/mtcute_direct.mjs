// mtcute called directly: phone.createGroupCall from so many promises, each in a chat of its own.
// usage: mtcute_direct.mjs HOST:PORT KEY.pem CHATS; one line of JSON when it is ready, then one for each "CALLERS SECONDS" on stdin.
import { createInterface } from 'node:readline'

import { connect, create } from './mtcute_client.mjs'

const [address, keyFile, chats] = process.argv.slice(2)
const tg = await connect(address, keyFile)
const peers = []
for (let i = 1; i <= Number(chats); i++)
    peers.push(await tg.resolvePeer(`sandbox_load_${i}`))

async function load(n, time) {
    const took = []
    const start = performance.now()
    const until = start + time * 1000
    await Promise.all(peers.slice(0, n).map(async peer => {
        while (performance.now() < until) {
            const at = performance.now()
            await create(tg, peer, 'bench')
            took.push(performance.now() - at)
        }
    }))
    const seconds = (performance.now() - start) / 1000
    took.sort((a, b) => a - b)
    return {
        requests: took.length, seconds, failed: 0, p50_us: took[took.length >> 1] * 1000,
        p99_us: took[Math.floor(took.length * 0.99)] * 1000,
    }
}

console.log(JSON.stringify({ ready: true }))
for await (const line of createInterface({ input: process.stdin })) {
    const [n, time] = line.split(' ').map(Number)
    console.log(JSON.stringify(await load(n, time)))
}
process.exit(0)
