import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unwrapText } from '../../src/codemods/unwrap.ts'
import { wrapText } from '../../src/codemods/wrap.ts'

/** How one person writes. */
interface Hand {
  readonly eol: string
  readonly quote: string
  readonly semicolon: string
  readonly indent: string
  readonly pad: string
}

const hands = fc.record({
  eol: fc.constantFrom('\n', '\r\n'),
  quote: fc.constantFrom("'", '"'),
  semicolon: fc.constantFrom('', ';'),
  indent: fc.constantFrom('  ', '\t', '    '),
  pad: fc.constantFrom('', ' '),
})

const words = (...list: string[]) => fc.constantFrom(...list)
const heads = words(
  '',
  '#!/usr/bin/env node\n',
  "'use client'\n",
  '// Copyright of nobody\n\n',
  '/* eslint-disable */\n',
  "#!/usr/bin/env node\n// of the team\n'use strict'\n\n",
)
const trails = words('', ' ', ' // why', ' /* why */', ' /* first\n second */')
const imports = words(
  "import { createClient as make } from '@supabase/supabase-js'",
  "import * as lib from '@supabase/supabase-js'",
  "import {\n\tcreateServerClient as make,\n} from '@supabase/ssr'",
  "const { createClient: make } = require('@supabase/supabase-js')",
)
const pools = words(
  "import { Pool } from 'pg'",
  "import pg from 'pg'",
  "import * as pg from 'pg'",
  "const pg = require('pg')",
  "const { Pool } = require('pg')",
)
const urls = words('url', 'process.env.URL!', "'https://a.b'", '`https://a.b`', '(url)', "Deno.env.get('U')!")
const keys = words('key', 'process.env.KEY as string', "env.KEY ?? ''", '/* anon */ key', 'key // anon\n')
const members = words('auth: { debug: true }', '// none\n\tauth', "'db': { schema: 'a' }", 'auth: a ? b : c /* mine */')
const globals = words(
  '',
  'global: {}',
  'global: { }',
  'global: {headers}',
  'global: {\n\t\theaders,\n\t}',
  'global: { fetch }',
)
const lists = fc.array(members, { maxLength: 2 })

/** The options of a client, or none. */
const options = fc
  .record({ global: globals, lists, braces: words('line', 'dense', 'block'), comma: fc.boolean(), last: fc.boolean() })
  .map(({ global, lists: others, braces, comma, last }) => {
    const all = (last ? [...others, global] : [global, ...others]).filter((one) => one !== '')
    // What ends in a comment of its line wants a line break.
    const inner = all.join(braces === 'block' ? ',\n\t' : ', ')
    if (all.length === 0) return braces === 'dense' ? '{}' : braces === 'line' ? '{ }' : '{\n}'
    const end = comma ? ',' : ''
    if (braces === 'block') return `{\n\t${inner}${end}\n}`
    return braces === 'dense' ? `{${inner}${end}}` : `{ ${inner}${end} }`
  })

const calls = fc
  .record({ url: urls, key: keys, options: fc.option(options), block: fc.boolean(), comma: fc.boolean() })
  .map(({ url, key, options: given, block, comma }) => {
    const args = [url, key, ...(given === null ? [] : [given])]
    // A comment of the line must not take in what follows.
    const text = args.map((one, at) => (at < args.length - 1 ? one.replace(/( \/\/.*)\n/, ',$1\n') : one))
    const joined = text.map((one, at) => (at === text.length - 1 ? one : one.includes(', //') ? one : `${one},`))
    const end = comma && !joined.at(-1)?.endsWith('\n') ? ',' : ''
    return block ? `make(\n\t${joined.join('\n\t')}${end}\n)` : `make(${joined.join(' ')}${end})`
  })

const files = fc
  .record({
    hand: hands,
    head: heads,
    trail: trails,
    fetch: imports,
    pool: pools,
    first: fc.boolean(),
    calls: fc.array(calls, { minLength: 1, maxLength: 3 }),
    made: words('new X()', 'new X', '(new X({ max: 3 }))', 'new X({\n\tmax: 3,\n}) as any', 'await new X().query(a)'),
    ending: words('', '\n', '\n\n', ' '),
  })
  .map(({ hand, head, trail, fetch, pool, first, calls: made, made: x, ending }) => {
    const end = hand.semicolon
    const name = pool.includes('{ Pool }') ? 'Pool' : 'pg.Pool'
    const make = fetch.startsWith('import * as') ? 'lib.createClient' : 'make'
    const lines = [
      ...(first ? [`${fetch}${end}`, `${pool}${end}${trail}`] : [`${pool}${end}`, `${fetch}${end}${trail}`]),
      ...made.map((call, at) => `const c${at} = ${call.replace(/^make/, make)}${end}`),
      `const p = ${x.replace('X', name)}${end}`,
    ]
    return { text: write(hand, head + lines.join('\n') + ending), clients: made.length + 1 }
  })

function write({ eol, quote, indent, pad }: Hand, text: string): string {
  return text.replaceAll("'", quote).replaceAll('\t', indent).replaceAll('{ ', `{${pad}`).replaceAll('\n', eol)
}

test('of files in any hand: wrapped and unwrapped they are the same bytes, and wrapped twice as once', () => {
  fc.assert(
    fc.property(files, words('a.ts', 'a.mts', 'a.cts'), ({ text, clients }, file) => {
      const wrapped = wrapText(file, text)
      expect(wrapped.unsure).toEqual([])
      expect(wrapped.clients).toHaveLength(clients)
      expect(wrapText(file, wrapped.text)).toMatchObject({ text: wrapped.text, unsure: [] })
      expect(unwrapText(file, wrapped.text)).toMatchObject({ text, unsure: [] })
    }),
    { numRuns: 1000 },
  )
})
