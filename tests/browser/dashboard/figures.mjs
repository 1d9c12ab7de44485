// What a visit costs, by the browser's own clock: from the daemon, on loopback, with an empty cache and with what that left.
import { until } from './daemon.mjs'

const SEEN = () => new MutationObserver((_, observer) => {
    if (!document.querySelector('main .call')) return
    performance.mark('first call')
    observer.disconnect()
}).observe(document, { childList: true, subtree: true })

const FIGURES = () => {
    const loads = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    return {
        requests: loads.length,
        bytes: loads.reduce((sum, load) => sum + load.transferSize, 0),
        paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
        call: performance.getEntriesByName('first call')[0].startTime,
    }
}

// A line of text for each of two visits with TOKEN, where a call is to be seen.
export async function figures(browser, url, token) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const page = await context.newPage()
    const lines = []
    try {
        await page.addInitScript(SEEN)
        await page.addInitScript(`sessionStorage.setItem('tgcalld.token', ${JSON.stringify(token)})`)
        for (const [visit, come] of [['first', () => page.goto(url)], ['next', () => page.reload()]]) {
            await come()
            await until('both', () => page.evaluate(() => ['first call', 'first-contentful-paint'].every(name => performance.getEntriesByName(name).length)))
            const { requests, bytes, paint, call } = await page.evaluate(FIGURES)
            lines.push(`the ${visit} visit: ${requests} requests, ${bytes} bytes over the wire, first paint after ${Math.round(paint)} ms, first call after ${Math.round(call)} ms`)
        }
    } finally {
        await context.close()
    }
    return lines
}
