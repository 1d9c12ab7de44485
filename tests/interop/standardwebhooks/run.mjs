// A receiver as its users write one, by the package `standardwebhooks`.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

import { Webhook } from 'standardwebhooks'

import { count, equal, failed, test } from './checks.mjs'

const [url, token, readme] = process.argv.slice(2)
const deliveries = []
let arrived = () => {}

const server = createServer((request, response) => {
    const parts = []
    request.on('data', part => parts.push(part))
    request.on('end', () => {
        deliveries.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
        response.writeHead(204).end()
        arrived()
    })
})

async function ask(method, path, body = {}) {
    const answer = await fetch(url + path, {
        method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : null
}

// The first that fits, once it is there; whoever waits in vain is ended by the test's own time.
async function delivered(fits) {
    for (;;) {
        const found = deliveries.find(d => fits(JSON.parse(d.body)))
        if (found) return found
        await new Promise(then => { arrived = then })
    }
}

const isTitled = title => event => event.type === 'call' && event.data.call.title === title

function refuses(work) {
    try {
        work()
    } catch {
        return true
    }
    return false
}

let hook
await new Promise(then => server.listen(0, '127.0.0.1', then))

await test('each delivery of a busy call is verified', async () => {
    hook = await ask('POST', '/v1/webhooks', { name: 'foreign', url: `http://127.0.0.1:${server.address().port}/` })
    const { call } = await ask('POST', '/v1/calls', { peer: '@sandbox_group', account: 'sandbox' })
    for (let i = 0; i < 20; i++) await ask('PATCH', `/v1/calls/${call.id}`, { title: `Zoë’s ${i}` })
    await delivered(isTitled('Zoë’s 19'))
    const verifier = new Webhook(hook.secret)
    for (const { body, headers } of deliveries) equal(verifier.verify(body, headers).type, JSON.parse(body).type, 'the type')
    equal(deliveries.length > 20, true, 'whether there are as many')
})

await test('one byte of another body, or another secret, is refused', async () => {
    const { body, headers } = deliveries[0]
    equal(refuses(() => new Webhook(hook.secret).verify(`${body} `, headers)), true, 'whether another body is refused')
    equal(refuses(() => new Webhook(`whsec_${'A'.repeat(32)}`).verify(body, headers)), true, 'whether another secret is refused')
})

await test('after a rotation both secrets verify', async () => {
    const turned = await ask('POST', '/v1/webhooks/foreign/rotate')
    await ask('POST', '/v1/webhooks/foreign/test')
    const { body, headers } = await delivered(event => event.type === 'webhook.test')
    for (const secret of [hook.secret, turned.secret]) equal(new Webhook(secret).verify(body, headers).type, 'webhook.test', 'the type')
    equal(hook.secret === turned.secret, false, 'whether they are the same')
})

await test('the receiver of README takes what is sent and refuses what is not', async () => {
    const program = /^```js\n(.*?createServer.*?)^```$/ms.exec(readFileSync(readme, 'utf8'))[1]
    const here = new URL('readme.mjs', import.meta.url)
    writeFileSync(here, program.replace('listen(9000)', "listen(0, '127.0.0.1', function () { console.log(this.address().port) })"))
    // Its address is not known before it runs, and its secret not before it has one.
    const made = await ask('POST', '/v1/webhooks', { name: 'readme', url: 'http://127.0.0.1:9/', types: ['job'] })
    const receiver = spawn(process.execPath, [here.pathname], { env: { ...process.env, SECRET: made.secret }, stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]()
    try {
        const address = `http://127.0.0.1:${(await lines.next()).value}/`
        await ask('PATCH', '/v1/webhooks/readme', { url: address })
        const { id } = await ask('POST', '/v1/webhooks/readme/test')
        equal((await lines.next()).value, `${id} webhook.test`, 'what it says')
        const { status } = await fetch(address, { method: 'POST', body: deliveries[0].body, headers: { 'webhook-id': '1' } })
        equal(status, 400, 'the answer to a stranger')
    } finally {
        receiver.kill()
    }
})

console.log(`1..${count}`)
server.close()
server.closeAllConnections()
process.exitCode = failed ? 1 : 0
