// A page of the dashboard in Firefox: what is on it is found as people find it, by its words, and what must not be is kept.
import axe from 'axe-core'
import puppeteer from 'puppeteer-core'
import { until } from './daemon.mjs'

const PATIENCE = 180000 * Number(process.env.TGCALLD_PATIENCE ?? 1)
// What the policy forbids and a test tries: Firefox tells of it in several ways, each when it likes.
const FORBIDDEN = 'http://127.0.0.1:1/'

export class Firefox {
    constructor(url) {
        this.url = url
        this.faults = []
    }

    async start(executablePath) {
        this.browser = await puppeteer.launch({
            browser: 'firefox', executablePath, headless: true, timeout: PATIENCE, protocolTimeout: PATIENCE,
            defaultViewport: { width: 1280, height: 800 },
        })
        this.page = await this.browser.newPage()
        this.page.setDefaultTimeout(PATIENCE)
        this.page.on('pageerror', e => this.faults.push(`an error: ${e.stack}`))
        this.page.on('console', m => m.type() === 'error' && this.faults.push(`the console: ${m.text()}`))
        this.page.on('request', r => !/^(blob|data):/.test(r.url()) && !r.url().startsWith(this.url) && this.faults.push(`a request: ${r.url()}`))
        await this.page.evaluateOnNewDocument(() => document.addEventListener('securitypolicyviolation', e =>
            console.error(`a violation of ${e.violatedDirective}: ${e.blockedURI}`)))
    }

    // The page runs FIND, a function of its own, until it gives something.
    see(find, ...args) {
        return this.page.waitForFunction(find, { polling: 50 }, ...args)
    }

    sees(text, selector = 'body') {
        return this.see((t, s) => [...document.querySelectorAll(s)].some(e => e.textContent.includes(t)), text, selector)
    }

    // What is drawn anew between the look and the hand is looked for again.
    async handle(what, find, act, ...args) {
        let why
        await until(what, async () => {
            const element = (await this.page.evaluateHandle(find, ...args)).asElement()
            try {
                if (element) await act(element)
                return element !== null
            } catch (error) {
                why = error
                return false
            }
        }).catch(e => { throw new Error(`${e.message} (${why ?? 'not found'})`) })
    }

    press(name) {
        return this.handle(`the button ${name}`, n => [...document.querySelectorAll('button')].filter(b => b.checkVisibility() && !b.disabled &&
            (b.ariaLabel ?? b.textContent.trim()) === n).at(-1) ?? null, button => button.click(), name)
    }

    write(label, text) {
        return this.handle(`the field ${label}`, l => [...document.querySelectorAll('label')].findLast(e =>
            e.checkVisibility() && e.textContent.trim() === l)?.control ?? null, async field => {
            await field.click({ count: 3 })
            await field.type(text)
        }, label)
    }

    async view(name, heading) {
        await this.page.goto(`${this.url}/#/${name}`)
        await this.sees(heading, 'h1')
    }

    async judge(name) {
        await this.page.evaluate(axe.source)
        const violations = await this.page.evaluate(async () => (await axe.run()).violations.map(v => `${v.help}: ${v.nodes.map(n => n.failureSummary).join('; ')}`))
        for (const v of violations) this.faults.push(`axe-core in ${name}: ${v}`)
        const over = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        if (over > 0) this.faults.push(`${name} is ${over} pixels too wide`)
    }

    async violate() {
        await this.page.evaluate(url => { new Image().src = url }, FORBIDDEN)
        await until('the report', () => this.faults.some(f => f.startsWith('the console: a violation of img-src') && f.includes(FORBIDDEN)))
    }

    // What was found since the last time.
    found() {
        return this.faults.splice(0).filter(f => !f.includes(FORBIDDEN))
    }

    close() {
        return this.browser?.close()
    }
}
