// The schema that GramJS itself speaks (a module that holds TL text) as a file for the sandbox.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const text = require('telegram/tl/apiTl.js')
const { LAYER } = require('telegram/tl/AllTLObjects.js')

const [to] = process.argv.slice(2)
writeFileSync(to, `// LAYER ${LAYER}\n\n---types---\n\n${text}`)
