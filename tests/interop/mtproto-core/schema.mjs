// TL text from @mtproto/core's serializers, which are all of its schema that it ships.
// usage: schema.mjs OUT.tl KNOWN.tl…
//
// They have lost the names of types: those are taken from the known schemas, by constructor and by field, until the
// line's CRC32 is its id, which makes it certain. The few lines that are not stay out.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const serializers = require('@mtproto/core/src/tl/builder')
const source = readFileSync(require.resolve('@mtproto/core/src/rpc'), 'utf8')
const LAYER = /\blayer: (\d+)/.exec(source)[1]

const TABLE = new Int32Array(256).map((_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? n >>> 1 ^ 0xedb88320 : n >>> 1
    return n
})

// The id that the schema language gives a line without one.
function checksum(line) {
    const text = line.replace(/ \w+:flags2?\.\d+\?true/g, '').replace(/(:|\?)bytes /g, '$1string ')
        .replace(/</g, ' ').replace(/[{}>]/g, '')
    let crc = -1
    for (const byte of Buffer.from(text)) crc = TABLE[(crc ^ byte) & 255] ^ crc >>> 8
    return ~crc >>> 0
}

const BOXED = /(\w+):(?:flags2?\.\d+\?)?(?:Vector<)?([\w.!]*[A-Z][\w.]*)/g
const types = new Map()

function know(key, type) {
    types.set(key, (types.get(key) ?? new Set()).add(type))
}

function read(text) {
    const [kinds, functions] = text.split('---functions---')
    for (const [part, isMethod] of [[kinds, false], [functions, true]]) {
        for (const [, name, fields, result] of part.matchAll(/^([\w.]+)#[0-9a-f]+ (.*)= (.+);$/gm)) {
            know(`= ${name}`, result)
            if (!isMethod) know('=', result)
            for (const [, field, type] of fields.matchAll(BOXED)) {
                know(`${name} ${field}`, type)
                know(field, type)
            }
        }
    }
}

// [each field's possible words], of a serializer's text.
function fieldsOf(name, text) {
    const bits = {}
    const lists = []
    for (const row of text.split('\n')) {
        const flags = /const (flags2?) = (.*);/.exec(row)
        const written = /this\.(?:flag\(|vector\(|flagVector\()?(?:this\.)?(\w+)[(,] ?params\.(\w+)/.exec(row)
        if (flags) {
            lists.push([`${flags[1]}:#`])
            for (const [, field, bit] of flags[2].matchAll(/params\.(\w+)\) << (\d+)/g)) {
                bits[field] = `${flags[1]}.${bit}?`
            }
        } else if (written) {
            const [, wire, field] = written
            const known = new Set([...types.get(`${name} ${field}`) ?? [], ...types.get(field) ?? []])
            const choices = wire !== 'predicate' ? [wire] : known.size ? known : types.get('=')
            const word = type => `${field}:${bits[field] ?? ''}${/ector\(/.test(row) ? `Vector<${type}>` : type}`
            lists.push([...choices].map(word))
            delete bits[field]
        }
    }
    // What is a flag and nothing else.
    for (const [field, bit] of Object.entries(bits)) lists.push([`${field}:${bit}true`])
    return lists
}

function* choices(lists) {
    if (lists.length === 0) yield []
    else for (const head of lists[0]) for (const tail of choices(lists.slice(1))) yield [head, ...tail]
}

const TRIES = 50000

function lineOf(name, text) {
    const id = Number(/this\.int32\((-?\d+)\)/.exec(text)[1]) >>> 0
    const lists = fieldsOf(name, text)
    const generic = lists.flat().some(word => word.endsWith(':!X')) ? ['{X:Type}'] : []
    let tries = 0
    for (const [result, ...words] of choices([[...types.get(`= ${name}`) ?? types.get('=')], ...lists])) {
        const rest = [...generic, ...words, '=', result].join(' ')
        if (checksum(`${name} ${rest}`) === id) return `${name}#${id.toString(16).padStart(8, '0')} ${rest};`
        if (++tries === TRIES) return null
    }
    return null
}

const [out, ...known] = process.argv.slice(2)
for (const path of known) read(readFileSync(path, 'utf8'))
const lines = []
const left = []
for (const [name, serializer] of Object.entries(serializers)) {
    if (name.startsWith('mt_')) continue
    if (name === 'invokeAfterMsg') lines.push('', '---functions---', '') // the first of the methods
    const line = lineOf(name, serializer.toString())
    if (line) lines.push(line)
    else left.push(name)
}
writeFileSync(out, `// LAYER ${LAYER}\n\n---types---\n\n${lines.join('\n')}\n`)
console.log(`# layer ${LAYER} from its serializers: ${lines.length - 3} lines; left out: ${left.join(', ')}`)
