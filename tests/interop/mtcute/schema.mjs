// The schema that mtcute itself speaks (its api-schema.json) as TL text, for the sandbox.
import { readFileSync, writeFileSync } from 'node:fs'

// mtcute reads some longs as numbers; on the wire they are longs.
const WIRE = { int53: 'long' }

function argument(a) {
    const wire = WIRE[a.type] ?? a.type
    const type = a.typeModifiers?.isVector ? `Vector<${wire}>` : wire
    return a.typeModifiers?.predicate ? `${a.name}:${a.typeModifiers.predicate}?${type}` : `${a.name}:${type}`
}

function line(e) {
    const generics = (e.generics ?? []).map(g => `{${g.name}:${g.type}}`)
    const result = e.typeModifiers?.isVector ? `Vector<${e.type}>` : e.type
    const name = `${e.name}#${e.id.toString(16).padStart(8, '0')}`
    const words = [name, ...generics, ...e.arguments.map(argument), '=', result]
    return `${words.join(' ')};`
}

const [from, to] = process.argv.slice(2)
const schema = JSON.parse(readFileSync(from, 'utf8'))
const of = kind => schema.e.filter(e => e.kind === kind).map(line).join('\n')
writeFileSync(to, `// LAYER ${schema.l}\n\n---types---\n\n${of('class')}\n\n---functions---\n\n${of('method')}\n`)
