// A gateway as one writes it in an afternoon: mtcute behind node:http. POST /v1/calls {"peer", "title"} creates a call.
// usage: mtcute_gateway.mjs HOST:PORT KEY.pem CHATS; one line of JSON says where it listens.
import { createServer } from 'node:http'

import { connect, create } from './mtcute_client.mjs'

const [address, keyFile] = process.argv.slice(2)
const tg = await connect(address, keyFile)

async function answer(text) {
    const asked = JSON.parse(text)
    const made = await create(tg, await tg.resolvePeer(asked.peer), asked.title)
    const { call } = made.updates.find(u => u._ === 'updateGroupCall' && u.call._ === 'groupCall')
    return { call: { id: call.id.toString(), access_hash: call.accessHash.toString(), title: call.title, date: call.scheduleDate } }
}

const server = createServer((request, response) => {
    const pieces = []
    const say = (status, body) => {
        const text = JSON.stringify(body)
        response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text)
    }
    if (request.method !== 'POST' || request.url !== '/v1/calls')
        return say(404, { title: 'not found' })
    if (request.headers.authorization !== 'Bearer bench')
        return say(401, { title: 'who are you?' })
    request.on('data', piece => pieces.push(piece))
    request.on('end', () => answer(Buffer.concat(pieces).toString()).then(body => say(201, body), e => say(502, { title: e.message })))
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })))
