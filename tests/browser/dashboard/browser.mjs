// A page of the dashboard, and what is to be true of each: no error, no violation of its policy, no stranger, no cookie.
import axe from 'axe-core'
import { chromium } from 'playwright-core'
import { until } from './daemon.mjs'

const PATIENCE = 180000 * Number(process.env.TGCALLD_PATIENCE ?? 1)
// What the browser says by itself of an answer that was to be a refusal, or of a daemon that is away.
const EXPECTED = /Failed to load resource: (the server responded with a status of (400|401|403|404|409|422)|net::ERR_)/
// What a daemon that stops or starts says, to who asks meanwhile.
const UNAVAILABLE = /Failed to load resource: the server responded with a status of 503/
// What the policy forbids and a test tries.
const FORBIDDEN = 'http://127.0.0.1:1/'

export class Browser {
    constructor(url, shots) {
        this.url = url
        this.shots = shots
        this.faults = []
        // Whether the daemon is being stopped and started.
        this.restarting = false
    }

    async start(executablePath) {
        this.browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'], timeout: PATIENCE })
    }

    async open(options) {
        const context = await this.browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options })
        const page = await context.newPage()
        page.setDefaultTimeout(PATIENCE)
        page.on('pageerror', e => this.faults.push(`an error: ${e.stack}`))
        page.on('console', m => m.type() === 'error' && !this.expects(m.text()) && this.faults.push(`the console: ${m.text()}`))
        page.on('request', r => !r.url().startsWith(this.url) && !r.url().startsWith('blob:') && this.faults.push(`a request: ${r.url()}`))
        await page.addInitScript(() => document.addEventListener('securitypolicyviolation', e =>
            console.error(`a violation of ${e.violatedDirective}: ${e.blockedURI}`)))
        return page
    }

    // With TOKEN given, where the page is live.
    async enter(token, options) {
        const page = await this.open(options)
        await page.goto(this.url)
        await page.getByLabel('Token').fill(token)
        await page.getByRole('button', { name: 'Go on' }).click()
        await page.locator('.link-live').waitFor()
        return page
    }

    async view(page, name, heading) {
        await page.goto(`${this.url}/#/${name}`)
        await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
    }

    // Keeps what it looks like, and what axe-core and a ruler find in it.
    async judge(page, name) {
        await page.screenshot({ path: `${this.shots}/${name}.png`, fullPage: true })
        await page.evaluate(axe.source)
        const { violations } = await page.evaluate(() => axe.run())
        for (const v of violations) this.faults.push(`axe-core in ${name}: ${v.help}: ${v.nodes.map(n => n.failureSummary).join('; ')}`)
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        if (over > 0) this.faults.push(`${name} is ${over} pixels too wide`)
        if ((await page.context().cookies()).length) this.faults.push(`${name} has cookies`)
    }

    expects(text) {
        return EXPECTED.test(text) || (this.restarting && UNAVAILABLE.test(text))
    }

    async violate(page) {
        await page.evaluate(url => { new Image().src = url }, FORBIDDEN)
        await until('the report', () => this.faults.some(f => f.startsWith('the console: a violation of img-src') && f.includes(FORBIDDEN)))
    }

    // Throws what was found since the last time.
    nothingFound() {
        const found = this.faults.splice(0).filter(f => !f.includes(FORBIDDEN))
        if (found.length) throw new Error(found.join('\n'))
    }

    close() {
        return this.browser?.close()
    }
}
