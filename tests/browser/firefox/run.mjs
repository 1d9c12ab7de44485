// The dashboard in Firefox: each view, a login by QR code, a call from its making to its end, a daemon that goes and comes back.
import { count, equal, failed, test as tested } from './checks.mjs'
import { Daemon } from './daemon.mjs'
import { Firefox } from './firefox.mjs'
import { NODES } from './nodes.mjs'

const [program, work, executable] = process.argv.slice(2)
const daemon = new Daemon(program, work)
const VIEWS = [['calls', 'Calls'], ['create', 'New call'], ['schedules', 'Schedules'], ['live', 'Kept live'], ['accounts', 'Accounts'], ['events', 'Events'], ['jobs', 'Jobs'], ['webhooks', 'Webhooks'], ['tokens', 'Tokens'], ['audit', 'Audit'], ['nodes', 'Nodes']]

let firefox
const test = (name, body) => tested(name, async () => {
    await body()
    equal(firefox.found().join('\n'), '', 'what was found')
}, 300)

async function steps() {
    await test('the token opens the calls', async () => {
        await firefox.page.goto(daemon.url)
        await firefox.judge('token')
        await firefox.write('Token', daemon.token)
        await firefox.page.keyboard.press('Enter')
        await firefox.sees('Calls', 'h1')
        await firefox.sees('Live', '.link-live')
    })

    await test('a violation of the policy would be seen', () => firefox.violate())

    await test('an account logs in by a QR code that another client accepts', async () => {
        await daemon.ask('POST', '/v1/accounts', { name: 'carol' })
        await daemon.ask('POST', '/v1/accounts/carol/login', { phone: '+15550003' })
        await daemon.ask('POST', '/v1/accounts/carol/login/code', { code: '12345' })
        await firefox.view('accounts', 'Accounts')
        await firefox.press('Add an account')
        await firefox.write('Name', 'scanned')
        await firefox.press('Add')
        await firefox.press('Show a QR code')
        await firefox.see(() => { const code = document.querySelector('img.qr'); return code?.complete && code.naturalWidth > 0 })
        await firefox.judge('qr')
        const { qr } = await daemon.ask('GET', '/v1/accounts/scanned/login/qr')
        const token = Buffer.from(new URL(qr.url).searchParams.get('token'), 'base64url').toString('base64')
        await daemon.ask('POST', '/v1/methods/auth.acceptLoginToken?account=carol', { token })
        await firefox.sees('Ready', '[aria-label=scanned]')
        for (const name of ['scanned', 'carol']) await daemon.ask('DELETE', `/v1/accounts/${name}`)
        await firefox.see(() => document.querySelectorAll('main article').length === 1)
    })

    await test('a call is made and ended', async () => {
        await firefox.view('create', 'New call')
        await firefox.write('Chat', '@sandbox_channel')
        await firefox.see(() => document.querySelector('.preflight-good') !== null)
        await firefox.write('Title', 'Town hall')
        await firefox.press('Create')
        await firefox.sees('The call runs', 'h1')
        await firefox.view('calls', 'Calls')
        await firefox.press('End Town hall')
        await firefox.press('End it for everybody')
        await firefox.sees('Town hall', 'section[aria-label=Ended] h3')
        equal((await daemon.ask('GET', '/v1/calls?peer=@sandbox_channel&account=sandbox')).calls.map(c => c.state), 'discarded', 'the calls')
    })

    await test('a webhook is made and shown once', async () => {
        await firefox.view('webhooks', 'Webhooks')
        await firefox.press('New webhook')
        await firefox.write('Name', 'ops')
        await firefox.write('URL', 'http://127.0.0.1:9/')
        await firefox.press('Make it')
        await firefox.press('Show')
        await firefox.sees('whsec_', 'dialog code')
        await firefox.judge('webhook')
        await firefox.press('Close')
        await firefox.sees('ops', 'article h2')
        await daemon.ask('DELETE', '/v1/webhooks/ops')
    })

    await test('a daemon that goes is missed, and when it is back nothing is', async () => {
        await firefox.view('calls', 'Calls')
        equal(await daemon.stop(), 0, 'the exit status')
        await firefox.sees('The daemon does not answer')
        await daemon.start()
        await daemon.ask('POST', '/v1/calls', { peer: '@sandbox_group', title: 'While away' })
        await firefox.sees('While away', 'section[aria-label=Live] h3')
        await firefox.sees('Live', '.link-live')
    })

    await test('of nodes it is told who has the accounts', async () => {
        await firefox.view('nodes', 'Nodes')
        await firefox.sees('This daemon is the only one')
        await firefox.page.evaluateOnNewDocument(told => {
            const really = window.fetch
            window.fetch = (url, ...more) => new URL(url).pathname === '/v1/nodes' ? Promise.resolve(Response.json(told)) : really(url, ...more)
        }, NODES)
        await firefox.page.reload()
        await firefox.sees('south waits: the accounts are served by north.')
        await firefox.sees('12 accounts', '[aria-label=north]')
        await firefox.see(() => [...document.querySelectorAll('article a')].map(a => a.protocol).join() === 'https:,http:')
    })

    for (const [name, heading] of VIEWS) {
        await test(`the view opens: ${name}`, async () => {
            await firefox.view(name, heading)
            await firefox.see(() => document.querySelector('main .card, main .event, main .empty') !== null)
            await firefox.judge(name)
        })
    }
}

try {
    await daemon.start()
    firefox = new Firefox(daemon.url)
    await firefox.start(executable)
    console.log(`# ${await firefox.browser.version()}`)
    await steps()
    await firefox.close()
    await tested('the daemon stops cleanly', async () => equal(await daemon.stop(), 0, 'the exit status'), 120)
    console.log(`1..${count}`)
} catch (error) {
    console.log(`Bail out! ${error.stack}`)
    process.exitCode = 1
} finally {
    await firefox?.close()
    daemon.close()
    if (failed) process.exitCode = 1
}
