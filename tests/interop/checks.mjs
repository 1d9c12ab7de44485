// Tests in TAP, one after the other.

export let count = 0
export let failed = 0

// One test, which fails by throwing or by its time: that of a machine with much else to do. Whether it passed.
export async function test(name, body, seconds = 300) {
    let timer
    const timeout = new Promise((_, no) => {
        timer = setTimeout(() => no(new Error(`no result in ${seconds} s`)), seconds * 1000)
    })
    count++
    try {
        await Promise.race([body(), timeout])
        console.log(`ok ${count} - ${name}`)
        return true
    } catch (error) {
        failed++
        console.log(`not ok ${count} - ${name}`)
        console.log(String(error?.stack ?? error).replace(/^/gm, '# '))
        return false
    } finally {
        clearTimeout(timer)
    }
}

export function equal(got, want, what) {
    if (String(got) !== String(want)) throw new Error(`${what}: got ${got}, want ${want}`)
}
