// What tests/interop/session.py asks of GramJS. usage: session.mjs login|use HOST:PORT KEY.pem
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { addKey } from './key.mjs'

const require = createRequire(import.meta.url)
const { Api, Logger, TelegramClient } = require('telegram')
const { ConnectionTCPAbridged } = require('telegram/network/connection')
const { StringSession } = require('telegram/sessions')

const [verb, dc1, keyFile] = process.argv.slice(2)
const pem = readFileSync(keyFile, 'utf8')
addKey(pem.slice(pem.indexOf('-----BEGIN')))
const [host, port] = dc1.split(':')

// Its port is built into GramJS.
class Connection extends ConnectionTCPAbridged {
    constructor(options) {
        super({ ...options, ip: host, port: Number(port) })
    }
}

const session = new StringSession(verb === 'use' ? readFileSync(0, 'utf8').trim() : '')
if (verb === 'login') session.setDC(1, host, Number(port))
const tg = new TelegramClient(session, 12345, '0123456789abcdef0123456789abcdef', {
    connection: Connection, connectionRetries: 5, retryDelay: 100, baseLogger: new Logger('none'),
})
if (verb === 'login') {
    await tg.start({
        phoneNumber: '+15550001', phoneCode: async () => '12345', onError: error => { throw error },
    })
    console.log(session.save())
} else {
    await tg.connect()
    await tg.invoke(new Api.phone.CreateGroupCall({ peer: 'sandbox_channel', title: 'Back', randomId: 1 }))
    console.log(String((await tg.getMe()).id))
}
await Promise.race([tg.destroy(), new Promise(yes => setTimeout(yes, 2000))])
process.exit(0)
