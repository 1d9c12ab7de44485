// What the runs of clients in JavaScript share: TAP on stdout, a table of steps, the sandbox's control port.
import { readFileSync } from 'node:fs'

import { count, equal, failed, test } from './checks.mjs'

export { equal, test }

const [readyFile, keyFile] = process.argv.slice(2)
export const ready = JSON.parse(readFileSync(readyFile, 'utf8'))
const keyText = readFileSync(keyFile, 'utf8')
export const pem = keyText.slice(keyText.indexOf('-----BEGIN'))

export const control = (path, options) => fetch(`http://${ready.control}${path}`, options).then(r => r.json())
export const post = (path, body) => control(path, { method: 'POST', body: JSON.stringify(body) })
export const calls = async () => (await control('/state')).calls
export const inDays = days => Math.floor(Date.now() / 1000) + days * 86400

export async function refused(promise, text) {
    const said = error => error.text ?? error.errorMessage ?? String(error)
    equal(await promise.then(() => 'a result', said), text, 'the refusal')
}

// The framing of the last key exchange, as the sandbox saw it.
export async function framingSeen() {
    const made = (await control('/log')).events.filter(e => e.event === 'key').at(-1)
    return made.obfuscated ? `obfuscated ${made.framing}` : made.framing
}

// The steps of one framing: [[the table's word, what it proves, body]…]. A row of the table.
export async function runSteps(client, framing, steps) {
    const row = [client, framing]
    for (const [, name, body] of steps) row.push(await test(`${framing}: ${name}`, body) ? 'ok' : 'FAILED')
    return row
}

// The plan and, as comments, the table and the sandbox's lints. The exit status.
export async function end(words, rows) {
    const line = row => row.map((cell, i) => cell.padEnd(i === 1 ? 25 : 9)).join(' ').trimEnd()
    console.log(`1..${count}`)
    for (const row of [['client', 'framing', ...words], ...rows]) console.log(`# ${line(row)}`)
    for (const { lint, text, count } of (await control('/lints')).lints) {
        console.log(`# lint: ${lint} (${text}), ${count} times`)
    }
    return failed ? 1 : 0
}
