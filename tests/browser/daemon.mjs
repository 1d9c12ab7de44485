// A daemon with its sandbox, and an address of it that stays the same over its restarts.
import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE = 180000 * Number(process.env.TGCALLD_PATIENCE ?? 1)

export async function until(what, condition) {
    const deadline = Date.now() + PATIENCE
    for (;;) {
        const value = await condition()
        if (value) return value
        if (Date.now() > deadline) throw new Error(`never came: ${what}`)
        await sleep(50)
    }
}

export class Daemon {
    constructor(program, work) {
        this.program = program
        this.state = `${work}/state`
        this.log = `${work}/daemon.log`
        this.links = new Set()
        // What comes to the address goes to the daemon that runs, and nowhere while none does.
        this.relay = net.createServer(from => {
            if (!this.port) return from.destroy()
            const to = net.connect(this.port, '127.0.0.1')
            this.links.add(from)
            from.on('close', () => this.links.delete(from))
            from.pipe(to).pipe(from)
            for (const [one, other] of [[from, to], [to, from]]) {
                one.on('error', () => other.destroy())
                one.on('close', () => other.destroy())
            }
        })
    }

    async start() {
        const log = createWriteStream(this.log, { flags: 'w' })
        await new Promise(then => log.once('open', then))
        this.process = spawn(this.program, ['--sandbox', '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0', '--state-dir', this.state],
            { stdio: ['ignore', log, log] })
        this.ended = new Promise(then => this.process.once('exit', then))
        this.process.once('exit', code => {
            this.status = code
        })
        await until('the daemon', () => existsSync(`${this.state}/listen`) || this.status !== undefined)
        this.port = Number(/^http:\/\/127\.0\.0\.1:(\d+)$/m.exec(readFileSync(`${this.state}/listen`, 'utf8'))[1])
        this.control = /sandbox control at (http:\S+)/.exec(readFileSync(this.log, 'utf8'))[1]
        if (!this.relay.listening) {
            await new Promise(then => this.relay.listen(0, '127.0.0.1', then))
            this.url = `http://127.0.0.1:${this.relay.address().port}`
        }
        this.token = readFileSync(`${this.state}/admin.token`, 'utf8').trim()
        await until('its account', async () => (await fetch(`${this.url}/readyz`)).status === 200)
    }

    // Its exit status.
    async stop() {
        this.port = 0
        this.process.kill('SIGTERM')
        await this.ended
        const status = this.status
        this.status = undefined
        return status
    }

    // Ends all connections to the address; the next ones come through.
    cut() {
        for (const link of this.links) link.destroy()
    }

    async ask(method, path, body) {
        const answer = await fetch(this.url + path, {
            method,
            headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' },
            body: body && JSON.stringify(body),
        })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
        return text ? JSON.parse(text) : null
    }

    sandbox(path, body) {
        return fetch(this.control + path, { method: 'POST', body: JSON.stringify(body) }).then(r => r.json())
    }

    close() {
        this.process?.kill('SIGKILL')
        this.relay.close()
    }
}
