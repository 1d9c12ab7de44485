// The dashboard as people use it: logging in, making, renaming and ending calls, a daemon that goes and comes back.
import { createServer } from 'node:http'

import { Browser } from './browser.mjs'
import { count, equal, failed, test as tested } from './checks.mjs'
import { Daemon, until } from './daemon.mjs'
import { figures } from './figures.mjs'
import { NODES } from './nodes.mjs'

const [program, work, executable] = process.argv.slice(2)
const daemon = new Daemon(program, work)
const WIDE = { viewport: { width: 1280, height: 800 } }
const SHAPES = {
    light: { ...WIDE, colorScheme: 'light' },
    dark: { ...WIDE, colorScheme: 'dark' },
    phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true, hasTouch: true },
}
const VIEWS = [['calls', 'Calls'], ['create', 'New call'], ['schedules', 'Schedules'], ['live', 'Kept live'], ['accounts', 'Accounts'], ['events', 'Events'], ['jobs', 'Jobs'], ['webhooks', 'Webhooks'], ['tokens', 'Tokens'], ['audit', 'Audit'], ['nodes', 'Nodes']]

let browser
let page
const test = (name, body) => tested(name, async () => {
    await body()
    browser.nothingFound()
}, 300)

const button = (name, place = page) => place.getByRole('button', { name, exact: true })
const card = name => page.getByRole('article').filter({ has: page.getByRole('heading', { name, exact: true }) })
const account = name => page.getByRole('article', { name, exact: true })
const dialog = () => page.getByRole('dialog')
const section = name => page.getByRole('region', { name, exact: true })

async function steps() {
    await test('a wrong token is refused with what to do, and the right one opens the calls', async () => {
        page = await browser.open(SHAPES.light)
        await page.goto(daemon.url)
        await browser.judge(page, 'token')
        await page.getByLabel('Token').fill('tgc_wrong')
        await button('Go on').click()
        await page.locator('.problem .remedy').waitFor()
        await page.getByLabel('Token').fill(daemon.token)
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { level: 1, name: 'Calls' }).waitFor()
        await page.locator('.link-live').waitFor()
    })

    await test('the token is gone with its tab, unless it is to be kept', async () => {
        const at = () => page.evaluate(() => [sessionStorage.length, localStorage.length].join())
        equal(await at(), '1,0', 'what is kept')
        await button('Forget token').click()
        await page.getByLabel('Keep it on this device').check()
        await page.getByLabel('Token').fill(daemon.token)
        await button('Go on').click()
        await page.locator('.link-live').waitFor()
        equal(await at(), '0,1', 'what is kept')
    })

    await test('a violation of the policy would be seen', () => browser.violate(page))

    await test('an account logs in by code and password', async () => {
        await browser.view(page, 'accounts', 'Accounts')
        await button('Add an account').click()
        await dialog().getByLabel('Name').fill('bob')
        await button('Add', dialog()).click()
        await account('bob').getByLabel('Phone number').fill('+15550002')
        await button('Send a code', account('bob')).click()
        await account('bob').getByLabel('Code').fill('99999')
        await button('Go on', account('bob')).click()
        await account('bob').locator('.problem .remedy').waitFor()
        await account('bob').getByLabel('Code').fill('12345')
        await button('Go on', account('bob')).click()
        await account('bob').getByLabel('Password').fill('correct horse')
        await button('Log in', account('bob')).click()
        await account('bob').getByText('Ready', { exact: true }).waitFor()
    })

    await test('an account logs in by a QR code that another client accepts', async () => {
        await daemon.ask('POST', '/v1/accounts', { name: 'carol' })
        await daemon.ask('POST', '/v1/accounts/carol/login', { phone: '+15550003' })
        await daemon.ask('POST', '/v1/accounts/carol/login/code', { code: '12345' })
        await button('Add an account').click()
        await dialog().getByLabel('Name').fill('scanned')
        await button('Add', dialog()).click()
        await button('Show a QR code', account('scanned')).click()
        const code = account('scanned').getByRole('img')
        await until('the picture', () => code.evaluate(i => i.complete && i.naturalWidth > 0))
        await browser.judge(page, 'qr')
        const { qr } = await daemon.ask('GET', '/v1/accounts/scanned/login/qr')
        const token = Buffer.from(new URL(qr.url).searchParams.get('token'), 'base64url').toString('base64')
        await daemon.ask('POST', '/v1/methods/auth.acceptLoginToken?account=carol', { token })
        await account('scanned').getByText('Ready', { exact: true }).waitFor()
        await account('scanned').getByText('Carol', { exact: true }).waitFor()
    })

    await test('an account is forgotten after a question alone', async () => {
        for (const name of ['scanned', 'carol', 'bob']) {
            await button(`Forget ${name}`).click()
            await page.keyboard.press('Escape')
            await button(`Forget ${name}`).click()
            await button('Forget it', dialog()).click()
            await account(name).waitFor({ state: 'detached' })
        }
        equal((await daemon.ask('GET', '/v1/accounts')).accounts.map(a => a.name), 'sandbox', 'the accounts')
    })

    await test('what stands in the way of a call is said before it is made', async () => {
        await browser.view(page, 'calls', 'Calls')
        await page.getByRole('link', { name: 'New call' }).click()
        await page.getByLabel('Chat').fill('@sandbox_noright')
        await page.locator('.preflight-bad').getByText('Manage video chats').waitFor()
        await page.getByLabel('Chat').fill('@nobody_has_this_name')
        await page.locator('.problem .remedy').waitFor()
        await browser.judge(page, 'create-refused')
    })

    await test('a livestream is made, and its key is seen when it is asked for alone', async () => {
        await page.getByLabel('Chat').fill('@sandbox_channel')
        await page.locator('.preflight-good').waitFor()
        await page.getByLabel('Title').fill('Town hall')
        await page.getByLabel('Livestream by RTMP').check()
        await button('Create').click()
        await page.getByRole('heading', { level: 1, name: 'The call runs' }).waitFor()
        await button('Get address and key').click()
        await page.getByText('rtmps://').first().waitFor()
        const { key } = await daemon.ask('POST', '/v1/peers/@sandbox_channel/rtmp?account=sandbox', {})
        equal((await page.content()).includes(key), false, 'whether the key is there')
        const line = page.locator('.copyable').filter({ hasText: 'Stream key' })
        await button('Show', line).click()
        await line.getByText(key).waitFor()
        await page.getByRole('link', { name: 'To the calls' }).click()
        await section('Live').getByRole('heading', { name: 'Town hall' }).waitFor()
    })

    await test('a call of one\'s own time zone is scheduled', async () => {
        await browser.view(page, 'create', 'New call')
        await page.getByLabel('Chat').fill('@sandbox_group')
        await page.locator('.preflight-good').waitFor()
        await page.getByLabel('Title').fill('Figures')
        await page.getByLabel('Schedule it').check()
        await page.getByText('Europe/Berlin').waitFor()
        const chosen = await page.getByLabel('Date and time').inputValue()
        await button('Schedule').click()
        await page.getByRole('heading', { level: 1, name: 'Scheduled' }).waitFor()
        const { calls } = await daemon.ask('GET', '/v1/calls?state=scheduled')
        const local = new Date(calls[0].schedule_date * 1000).toLocaleString('sv', { timeZone: 'Europe/Berlin' }).replace(' ', 'T')
        equal(local, `${chosen}:00`, 'its date')
        equal(calls[0].auto_start, true, 'whether it starts by itself')
    })

    await test('a call is renamed by the keyboard, which is back where it was', async () => {
        await browser.view(page, 'calls', 'Calls')
        await button('Rename Town hall').focus()
        await page.keyboard.press('Enter')
        await page.keyboard.press('ControlOrMeta+A')
        await page.keyboard.type('Town hall, part two')
        await page.keyboard.press('Enter')
        await section('Live').getByRole('heading', { name: 'Town hall, part two' }).waitFor()
        await dialog().waitFor({ state: 'detached' })
        await until('the focus', () => button('Rename Town hall, part two').evaluate(b => b === document.activeElement))
    })

    await test('people who come into a call are counted as they come', async () => {
        const [{ id }] = (await daemon.ask('GET', '/v1/calls?state=active')).calls
        await daemon.sandbox(`/calls/${id}/join`, { n: 3 })
        await card('Town hall, part two').getByText('3 participants').waitFor()
        await button('People Town hall, part two').click()
        await until('the list', async () => await card('Town hall, part two').getByRole('listitem').count() === 3)
        await browser.judge(page, 'people')
    })

    await test('people who are hidden while they are read stay hidden', async () => {
        const [{ id }] = (await daemon.ask('GET', '/v1/calls?state=active')).calls
        const path = /\/participants\?/
        let release
        const isReleased = new Promise((resolve) => { release = resolve })
        await button('Hide people Town hall, part two').click()
        await page.route(path, async (route) => {
            await isReleased
            await route.continue()
        })
        const asked = page.waitForRequest(path)
        await button('People Town hall, part two').click()
        await asked
        await button('Hide people Town hall, part two').click()
        const answered = page.waitForResponse(path)
        release()
        await (await answered).finished()
        await page.unroute(path)
        await daemon.sandbox(`/calls/${id}/join`, { n: 1 })
        await card('Town hall, part two').getByText('4 participants').waitFor()
        equal(await card('Town hall, part two').getByRole('listitem').count(), 0, 'people who are shown')
    })

    await test('a scheduled call is started', async () => {
        await button('Start Figures').click()
        await button('Start it', dialog()).click()
        await section('Live').getByRole('heading', { name: 'Figures' }).waitFor()
    })

    await test('a call ends after a question alone', async () => {
        await button('End Figures').click()
        await browser.judge(page, 'question')
        await button('Cancel', dialog()).click()
        await section('Live').getByRole('heading', { name: 'Figures' }).waitFor()
        await button('End Figures').click()
        await button('End it for everybody', dialog()).click()
        await section('Ended').getByRole('heading', { name: 'Figures' }).waitFor()
        const { calls } = await daemon.ask('GET', '/v1/calls?peer=@sandbox_group&account=sandbox')
        equal(calls.map(c => c.state), 'discarded', 'the calls')
    })

    await test('a job is seen as it waits, and is cancelled', async () => {
        await daemon.sandbox('/fault', { type: 'rpc_error', method: 'help.getNearestDc', code: 420, message: 'FLOOD_WAIT_600' })
        await fetch(`${daemon.url}/v1/methods/help.getNearestDc?account=sandbox`, {
            method: 'POST', body: '{}',
            headers: { Authorization: `Bearer ${daemon.token}`, 'Content-Type': 'application/json', Prefer: 'respond-async' },
        })
        await browser.view(page, 'jobs', 'Jobs')
        await page.getByText('waiting', { exact: true }).waitFor()
        await page.getByText('Answer', { exact: true }).click()
        await page.getByText('It has no answer yet.').waitFor()
        await button('Cancel').click()
        await button('Cancel the job', dialog()).click()
        await page.getByText('failed', { exact: true }).waitFor()
        await page.locator('.card .problem').waitFor()
    })

    await test('a token is made, shown once, may what it says, and is revoked', async () => {
        await browser.view(page, 'tokens', 'Tokens')
        await button('New token').click()
        await dialog().getByLabel('Name').fill('watcher')
        await dialog().getByLabel('read', { exact: true }).check()
        await browser.judge(page, 'new-token')
        await button('Make it', dialog()).click()
        await button('Show', dialog()).click()
        const text = await dialog().getByText(/^tgc_/).textContent()
        await button('Close', dialog()).click()
        const other = await browser.enter(text, SHAPES.light)
        await other.getByText('Town hall, part two').waitFor()
        await browser.view(other, 'tokens', 'Tokens')
        await other.locator('.problem .remedy').waitFor()
        await button('Revoke watcher').click()
        await button('Revoke it', dialog()).click()
        await card('watcher').waitFor({ state: 'detached' })
        await other.reload()
        await other.getByRole('heading', { name: 'A token, please' }).waitFor()
        await other.context().close()
    })

    await test('a token whose question was left while it was made is shown all the same', async () => {
        let release
        const released = new Promise(then => { release = then })
        await page.route(url => url.pathname === '/v1/tokens', async route => {
            if (route.request().method() === 'POST') await released
            await route.continue()
        })
        await button('New token').click()
        await dialog().getByLabel('Name').fill('hasty')
        await dialog().getByLabel('read', { exact: true }).check()
        const asked = page.waitForRequest(r => r.method() === 'POST' && new URL(r.url()).pathname === '/v1/tokens')
        await button('Make it', dialog()).click()
        await asked
        await page.keyboard.press('Escape')
        await dialog().waitFor({ state: 'detached' })
        release()
        await dialog().getByText('Copy it now').waitFor()
        await page.unrouteAll()
        await button('Close', dialog()).click()
        await daemon.ask('DELETE', '/v1/tokens/hasty')
    })

    await test('a webhook is made, its secret shown once, tested, paused and deleted', async () => {
        const receiver = createServer((request, response) => { request.resume(); response.writeHead(204).end() })
        await new Promise(then => receiver.listen(0, '127.0.0.1', then))
        await browser.view(page, 'webhooks', 'Webhooks')
        await page.getByText('Events are sent to nobody.').waitFor()
        await button('New webhook').click()
        await dialog().getByLabel('Name').fill('ops')
        await dialog().getByLabel('URL').fill(`http://127.0.0.1:${receiver.address().port}/`)
        await dialog().getByLabel('Types').fill('job, gap')
        await browser.judge(page, 'new-webhook')
        await button('Make it', dialog()).click()
        await button('Show', dialog()).click()
        await dialog().getByText(/^whsec_/).waitFor()
        await button('Close', dialog()).click()
        await card('ops').getByText('job, gap', { exact: true }).waitFor()
        await button('Test ops').click()
        await button('Send it', dialog()).click()
        await dialog().waitFor({ state: 'detached' })
        await until('the delivery', async () => (await daemon.ask('GET', '/v1/webhooks/ops/deliveries')).deliveries.length)
        await card('ops').getByText('Deliveries', { exact: true }).click()
        const deliveries = page.getByRole('list', { name: 'Deliveries of ops' })
        await deliveries.getByText(/answer 204/).waitFor()
        await button('Failed only', card('ops')).click()
        await card('ops').getByText('None failed.').waitFor()
        await button('Send again', card('ops')).click()
        await button('Send again', dialog()).click()
        await dialog().waitFor({ state: 'detached' })
        await button('Pause ops').click()
        await button('Pause it', dialog()).click()
        await card('ops').getByText('paused', { exact: true }).waitFor()
        await button('Go on with ops').click()
        await button('Go on', dialog()).click()
        await card('ops').getByText('active', { exact: true }).waitFor()
        await browser.judge(page, 'webhook')
        await button('New secret ops').click()
        await button('Make it', dialog()).click()
        await button('Show', dialog()).click()
        await dialog().getByText(/^whsec_/).waitFor()
        await button('Close', dialog()).click()
        await button('Delete ops').click()
        await button('Delete it', dialog()).click()
        await card('ops').waitFor({ state: 'detached' })
        equal((await daemon.ask('GET', '/v1/webhooks')).webhooks.length, 0, 'the webhooks')
        // For the judge of all views.
        await daemon.ask('POST', '/v1/webhooks', { name: 'stays', url: 'http://127.0.0.1:9/', types: ['job'] })
        receiver.close()
        receiver.closeAllConnections()
    })

    await test('a schedule is made, says what comes, leaves one out, and is forgotten', async () => {
        await browser.view(page, 'schedules', 'Schedules')
        await page.getByText('None yet.').waitFor()
        await button('New schedule').click()
        await dialog().getByLabel('Name').fill('weekly')
        await dialog().getByLabel('Chat').fill('@sandbox_group')
        await dialog().getByLabel('Title').fill('Week %V')
        await dialog().getByLabel('Date and time').fill('2030-01-07T19:30')
        await dialog().getByLabel('Repeats').selectOption('weekly')
        await dialog().getByLabel('Monday').check()
        await dialog().getByLabel('Thursday').check()
        await browser.judge(page, 'new-schedule')
        await button('Make it', dialog()).click()
        await card('weekly').getByText('every week on Monday, Thursday, Europe/Berlin').waitFor()
        await card('weekly').getByText(/^Mon,? 7 Jan 2030, 19:30$/).waitFor()
        await card('weekly').getByText('Sandbox group').waitFor()
        await button('Skip the next call of weekly').click()
        await button('Leave it out', dialog()).click()
        await card('weekly').getByText(/^Thu,? 10 Jan 2030, 19:30$/).waitFor()
        await card('weekly').getByText(/^Left out last: Mon,? 7 Jan 2030, 19:30$/).waitFor()
        await button('New schedule').click()
        await dialog().getByLabel('Name').fill('once')
        await dialog().getByLabel('Chat').fill('@sandbox_channel')
        await dialog().getByLabel('Title').fill('At %H:%M')
        await dialog().getByLabel('Date and time').fill('2030-03-17T18:46')
        await button('Make it', dialog()).click()
        await card('once').getByText('once', { exact: true }).last().waitFor()
        equal((await daemon.ask('GET', '/v1/schedules/once')).timezone, 'Europe/Berlin', 'the zone of the title of a single date')
        await browser.judge(page, 'schedules')
        await button('Forget once').click()
        await button('Forget it', dialog()).click()
        await card('once').waitFor({ state: 'detached' })
        for (const { id } of (await daemon.ask('GET', '/v1/calls?peer=@sandbox_group&account=sandbox&state=active')).calls)
            await daemon.ask('DELETE', `/v1/calls/${id}?account=sandbox`)
        await daemon.ask('POST', '/v1/schedules', { name: 'told', peer: '@sandbox_group', at: Math.floor(Date.now() / 1000) + 86400, announce: 172800 })
        await card('told').getByText('Announced', { exact: true }).waitFor()
        const { call } = await daemon.ask('GET', '/v1/schedules/told')
        await button('Forget told').click()
        equal(await dialog().getByLabel('End the announced call, too').isChecked(), true, 'whether its call is ended, too')
        await button('Forget it', dialog()).click()
        await card('told').waitFor({ state: 'detached' })
        equal((await daemon.ask('GET', `/v1/calls/${call}?account=sandbox`)).call.state, 'discarded', 'the announced call')
    })

    await test('a chat is kept live, tells what became of its calls and why none runs, and is let go', async () => {
        const running = async () => (await daemon.ask('GET', '/v1/calls?peer=@sandbox_group&account=sandbox&state=active')).calls[0].id
        await browser.view(page, 'live', 'Kept live')
        await page.getByText('None yet.').waitFor()
        await button('Keep a chat live').click()
        await dialog().getByLabel('Chat').fill('@nobody_has_this_name')
        await button('Keep it live', dialog()).click()
        await dialog().locator('.problem .remedy').waitFor()
        await dialog().getByLabel('Chat').fill('@sandbox_group')
        await dialog().getByLabel('Title').fill('Always on')
        await dialog().getByLabel('At most so many an hour').fill('2')
        equal(await dialog().getByLabel('A new stream key').isVisible(), false, 'whether a key is asked for where nothing is streamed')
        await browser.judge(page, 'new-live')
        await button('Keep it live', dialog()).click()
        await card('Sandbox group').getByText('Runs', { exact: true }).waitFor()
        await daemon.sandbox(`/calls/${await running()}/end`, {})
        await card('Sandbox group').getByText('Made anew: 1 of 2 within the last hour, 1 in all').waitFor()
        await card('Sandbox group').getByText('Telegram does not say by whom').waitFor()
        await daemon.ask('PUT', '/v1/peers/@sandbox_noright/live?account=sandbox', { rtmp_stream: true, rotate_key: true })
        await card('Sandbox noright').getByText('Paused', { exact: true }).waitFor()
        await card('Sandbox noright').getByText('CHAT_ADMIN_REQUIRED').waitFor()
        await card('Sandbox noright').getByText(/Tries again in \d+:\d\d/).waitFor()
        await browser.judge(page, 'live')
        await button('Stop keeping Sandbox group live').click()
        await button('Stop keeping it', dialog()).click()
        await card('Sandbox group').waitFor({ state: 'detached' })
        await daemon.ask('DELETE', `/v1/calls/${await running()}?account=sandbox`)
        await browser.view(page, 'events', 'Events')
        await page.getByLabel('Show').selectOption('live')
        for (const told of ['Sandbox group recreated', 'recreating → paused', 'Sandbox group ended']) {
            await page.getByRole('list', { name: 'Events' }).getByText(told).first().waitFor()
        }
    })

    await test('the audit tells who did what, the newest first, and goes back', async () => {
        for (let i = 0; i < 60; i++) await daemon.ask('DELETE', `/v1/tokens/nobody-${i}`).catch(() => {})
        await browser.view(page, 'audit', 'Audit')
        await page.getByRole('heading', { name: 'DELETE /v1/tokens/nobody-59' }).waitFor()
        // Refusals of a token that is gone may stand before it.
        const last = card('DELETE /v1/tokens/nobody-59')
        await last.getByText('404', { exact: true }).waitFor()
        await last.getByText('admin', { exact: true }).waitFor()
        equal(await page.getByRole('article').count(), 50, 'records of the first page')
        await button('Older ones').click()
        await page.getByRole('heading', { name: 'DELETE /v1/tokens/nobody-0', exact: true }).waitFor()
        await daemon.ask('DELETE', '/v1/tokens/nobody-new').catch(() => {})
        await button('Read again').click()
        await page.getByRole('heading', { name: 'DELETE /v1/tokens/nobody-new' }).waitFor()
        await browser.judge(page, 'audit')
    })

    await test('events come by themselves, and are looked at', async () => {
        await browser.view(page, 'events', 'Events')
        const list = page.getByRole('list', { name: 'Events' })
        const before = await list.getByRole('listitem').count()
        await daemon.ask('POST', '/v1/calls', { peer: '@sandbox_group', title: 'By somebody else' })
        const made = list.getByRole('listitem').filter({ hasText: 'By somebody else made' })
        await made.waitFor()
        equal(await list.getByRole('listitem').count() > before, true, 'whether there are more')
        await made.getByText('By somebody else made').click()
        await made.getByText('"title": "By somebody else"').waitFor()
        await list.getByRole('listitem').filter({ hasText: 'updateNewChannelMessage' }).filter({ hasText: /: GroupCall$/ }).first().waitFor()
        await list.getByRole('listitem').filter({ hasText: /ended_at: nothing → \d+ \w+ \d+, \d+:\d+/ }).first().waitFor()
        await browser.judge(page, 'event')
    })

    await test('a daemon that goes is missed, and when it is back nothing is', async () => {
        await browser.view(page, 'calls', 'Calls')
        browser.restarting = true
        equal(await daemon.stop(), 0, 'the exit status')
        await page.getByText('The daemon does not answer').waitFor()
        await browser.judge(page, 'offline')
        await daemon.start()
        await daemon.ask('POST', '/v1/calls', { peer: '@sandbox_group', title: 'While away', if_exists: 'replace' })
        await section('Live').getByRole('heading', { name: 'While away' }).waitFor()
        await page.locator('.link-live').waitFor()
        browser.restarting = false
        equal(await page.getByText('The daemon does not answer').count(), 0, 'what is said of its absence')
    })

    await test('a page that stays open changes what changed, and nothing else', async () => {
        await browser.view(page, 'calls', 'Calls')
        const node = await card('Town hall, part two').elementHandle()
        await button('Rename While away').focus()
        await daemon.ask('POST', '/v1/calls', { peer: '@sandbox_group', title: 'Anew', if_exists: 'replace' })
        await section('Live').getByRole('heading', { name: 'Anew' }).waitFor()
        equal(await node.evaluate(n => n.isConnected), true, 'whether the other call\'s row is the same')
    })

    await test('what happens while all is read anew is not forgotten for what was read', async () => {
        await browser.view(page, 'events', 'Events')
        let release
        const released = new Promise(then => { release = then })
        const job = { id: '1', request: 'read_again', state: 'done', created_at: 1 }
        await page.route(url => url.pathname === '/v1/jobs', async route => {
            await released
            await route.fulfill({ json: { jobs: [job] } })
        })
        const read = page.waitForResponse(r => new URL(r.url()).pathname === '/v1/calls' && r.ok())
        daemon.cut()
        await (await read).finished()
        await daemon.ask('POST', '/v1/calls', { peer: '@sandbox_group', title: 'Meanwhile', if_exists: 'replace' })
        await page.getByText('Meanwhile made').waitFor()
        release()
        await browser.view(page, 'jobs', 'Jobs')
        await page.getByRole('heading', { name: 'read again' }).waitFor()
        await page.unrouteAll()
        await browser.view(page, 'calls', 'Calls')
        await section('Live').getByRole('heading', { name: 'Meanwhile' }).waitFor()
    })

    await test('what was chosen for one chat is not done to the one that was typed last', async () => {
        await browser.view(page, 'create', 'New call')
        await page.getByLabel('Chat').fill('@sandbox_group')
        await page.getByLabel('there already').selectOption('replace')
        const asked = page.waitForRequest(r => r.method() === 'POST' && new URL(r.url()).pathname === '/v1/calls')
        // As by a hand that is quicker than the look at the chat.
        await page.getByLabel('Chat').evaluate(input => {
            input.value = '@sandbox_channel'
            input.dispatchEvent(new Event('input', { bubbles: true }))
            input.form.requestSubmit()
        })
        const { peer, if_exists: ifExists = 'return' } = (await asked).postDataJSON()
        equal([peer, ifExists].join(), '@sandbox_channel,return', 'what was asked for')
    })

    await test('of nodes it is told who has the accounts, and nobody leads elsewhere than to a page', async () => {
        const link = page.getByRole('link', { name: 'Nodes', exact: true })
        await browser.view(page, 'nodes', 'Nodes')
        await page.getByText('This daemon is the only one').waitFor()
        equal(await link.count(), 0, 'links to what there is not')
        let told = NODES
        await page.route('**/v1/nodes', route => route.fulfill({ json: told }))
        await page.reload()
        await page.getByText('south waits: the accounts are served by north.').waitFor()
        await link.waitFor()
        equal(await page.getByRole('navigation').evaluate(n => n.scrollWidth - n.clientWidth), 0, 'how much of the links is cut off')
        await account('north').getByText('Active', { exact: true }).waitFor()
        await account('north').getByText('12 accounts', { exact: true }).waitFor()
        await account('north').getByText(/^lease: \d+ s left$/).waitFor()
        await account('south').getByText('this node', { exact: true }).waitFor()
        await account('east').getByText('lease: none left').waitFor()
        equal(await page.locator('article a').evaluateAll(all => all.map(a => a.href).join(' ')),
            'https://north.example:8765/ http://south.example:8765/', 'where the cards lead')
        await account('west').getByText('<img src=x onerror=alert(1)>').waitFor()
        equal(await account('west').getByText(/account/).count(), 0, 'whether accounts are told that are not known')
        await section('Database').getByText('61.000 s behind this node\'s').waitFor()
        equal(await section('Database').locator('.warning').count(), 4, 'worries about the database')
        await browser.judge(page, 'nodes')
        // By itself, with the node that answers as the one that has them.
        told = { nodes: [{ ...NODES.nodes[0], self: true }] }
        await page.getByText('south waits').waitFor({ state: 'detached' })
        await account('south').waitFor({ state: 'detached' })
        await section('Database').waitFor({ state: 'detached' })
        told = { nodes: [{ ...NODES.nodes[1] }] }
        await page.getByText('south waits: no node has the accounts now.').waitFor()
        await page.unrouteAll()
        await page.reload()
        await page.getByText('This daemon is the only one').waitFor()
    })

    await test('what a visit costs is told', async () => {
        const told = await figures(browser.browser, `http://127.0.0.1:${daemon.port}`, daemon.token)
        for (const line of told) console.log(`# ${line}`)
    })

    for (const [shape, options] of Object.entries(SHAPES)) {
        await test(`each view is fit for everybody: ${shape}`, async () => {
            const other = await browser.enter(daemon.token, options)
            await other.route('**/v1/nodes', route => route.fulfill({ json: NODES }))
            await other.reload()
            await other.getByText('south waits').waitFor()
            for (const [name, heading] of VIEWS) {
                await browser.view(other, name, heading)
                await other.locator('main .card, main .event').first().waitFor()
                await browser.judge(other, `${shape}-${name}`)
            }
            await other.context().close()
        })
    }
}

try {
    await daemon.start()
    browser = new Browser(daemon.url, `${work}/shots`)
    await browser.start(executable)
    await steps()
    await browser.close()
    await tested('the daemon stops cleanly', async () => equal(await daemon.stop(), 0, 'the exit status'), 120)
    console.log(`1..${count}`)
} catch (error) {
    console.log(`Bail out! ${error.message}`)
    process.exitCode = 1
} finally {
    await browser?.close()
    daemon.close()
    if (failed) process.exitCode = 1
}
