// The picture of the dashboard that README shows: a call that lives, one that is announced, one that has ended.
import { Browser } from './browser.mjs'
import { Daemon } from './daemon.mjs'

const [program, work, executable, file] = process.argv.slice(2)
const daemon = new Daemon(program, work)
const browser = new Browser('', work)
const make = body => daemon.ask('POST', '/v1/calls', body).then(answer => answer.call)

try {
    await daemon.start()
    browser.url = daemon.url
    await browser.start(executable)
    const over = await make({ peer: '@sandbox_group', title: 'Rehearsal' })
    await daemon.ask('DELETE', `/v1/calls/${over.id}`)
    const live = await make({ peer: '@sandbox_channel', title: 'Town hall', rtmp_stream: true })
    await daemon.sandbox(`/calls/${live.id}/join`, { n: 43 })
    await make({ peer: '@sandbox_group', title: 'Questions and answers', schedule_date: Math.floor(Date.now() / 1000) + 90000, auto_start: true })
    const page = await browser.enter(daemon.token, { viewport: { width: 920, height: 600 }, colorScheme: 'light' })
    await page.getByText('43 participants').waitFor()
    await page.screenshot({ path: file })
} finally {
    await browser.close()
    daemon.close()
}
