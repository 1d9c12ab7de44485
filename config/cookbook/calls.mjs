#!/usr/bin/env node
// Creates one call, whatever befalls the network: calls.mjs CHAT TITLE
// Node 18 or later alone. TGCALLD_URL is the daemon, TGCALLD_TOKEN_FILE has a token with the scope calls.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const url = process.env.TGCALLD_URL ?? 'http://127.0.0.1:8765'
const TRIES = 8

// The answer. KEY is one of this intent: with it, it does no harm to ask again.
async function post(path, body, key) {
    const headers = {
        Authorization: `Bearer ${readFileSync(process.env.TGCALLD_TOKEN_FILE, 'utf8').trim()}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': key,
    }
    for (let left = TRIES - 1; ; left--) {
        let pause = 1
        try {
            const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(60000) })
            const json = await answer.json()
            if (answer.ok) return json
            const wait = answer.headers.get('Retry-After')
            // What another try may change: a busy daemon, one that waits for Telegram, a first try that is still under way.
            const again = answer.status >= 500 || answer.status === 429 || (answer.status === 409 && wait)
            if (!again || !left) throw Object.assign(new Error(`${json.title}: ${json.detail ?? ''}`), { problem: json })
            pause = Number(wait ?? 1)
        } catch (error) {
            if (error.problem || !left) throw error
        }
        await sleep(pause * 1000)
    }
}

const [peer, title] = process.argv.slice(2)
if (!title) {
    console.error('usage: calls.mjs CHAT TITLE')
    process.exit(2)
}
try {
    const { call } = await post('/v1/calls', { peer, title }, randomUUID())
    // Ids are 64 bits: they are strings, and a number would lose some of them.
    console.log(call.id, call.state)
} catch (error) {
    console.error(error.problem?.remedy ?? '', error.message)
    process.exit(1)
}
