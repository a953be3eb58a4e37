import { expect, test } from 'vitest'
import { unwrapText } from '../../src/codemods/unwrap.ts'

const FETCH =
  "import { createClient } from '@supabase/supabase-js'\nimport { crossfade } from 'pg-crossfade/supabase'\n"
const JS = "import { createClient } from '@supabase/supabase-js'\n"
const POOL = "import { Pool } from 'pg'\nimport { crossfade } from 'pg-crossfade/pg'\n"
const PG = "import { Pool } from 'pg'\n"

/** Files that were wrapped and then edited by a person, or a formatter; and what is left of them. */
const EDITED: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    'options were added beside',
    `${FETCH}const a = createClient(url, key, { global: { fetch: crossfade({ url, key }) }, auth: { debug: true } })\n`,
    `${JS}const a = createClient(url, key, { auth: { debug: true } })\n`,
  ],
  [
    'options were added before',
    `${FETCH}const a = createClient(url, key, { auth, global: { headers, fetch: crossfade({ url, key }) } })\n`,
    `${JS}const a = createClient(url, key, { auth, global: { headers } })\n`,
  ],
  [
    'a formatter has broken the lines',
    `${FETCH}const a = createClient(url, key, {\n  global: {\n    fetch: crossfade({\n      url,\n      key,\n    }),\n  },\n})\n`,
    `${JS}const a = createClient(url, key)\n`,
  ],
  [
    'comments were written within',
    `${FETCH}const a = createClient(url, key, /* routed */ { global: { fetch: crossfade({ url, key }) } }) // mine\n`,
    `${JS}const a = createClient(url, key /* routed */) // mine\n`,
  ],
  [
    'a fetch was added',
    `${FETCH}const a = createClient(url, key, { global: { fetch: crossfade({ url, key, fetch: traced }) } })\n`,
    `${JS}const a = createClient(url, key, { global: { fetch: traced } })\n`,
  ],
  [
    'the import got company',
    "import { crossfade, type CrossfadeStats } from 'pg-crossfade/pg' // ramp\nimport { Pool } from 'pg'\nexport const a = crossfade(new Pool())\n",
    "import { type CrossfadeStats } from 'pg-crossfade/pg' // ramp\nimport { Pool } from 'pg'\nexport const a = new Pool()\n",
  ],
  [
    'imports were sorted, and one commented',
    "import { crossfade } from 'pg-crossfade/pg'\nimport { Pool } from 'pg'\n\nexport const a = crossfade(new Pool())\n",
    "import { Pool } from 'pg'\n\nexport const a = new Pool()\n",
  ],
  [
    'the pool was put on lines of its own, with a comment',
    `${POOL}export const make = () => {\n  return crossfade(\n    // five are enough\n    new Pool({ max: 5 }),\n  )\n}\n`,
    `${PG}export const make = () => {\n  return (\n    // five are enough\n    new Pool({ max: 5 })\n  )\n}\n`,
  ],
  [
    'the pool is used at once',
    `${POOL}await crossfade(new Pool).query('select 1')\n`,
    `${PG}await (new Pool).query('select 1')\n`,
  ],
  [
    'the pool begins a statement, after a semicolon',
    `${POOL}const a = b;\ncrossfade(new Pool).query('select 1')\n`,
    `${PG}const a = b;\n(new Pool).query('select 1')\n`,
  ],
  [
    'a choice was put in',
    `${POOL}export const a = crossfade(fast ? new Pool() : slow)\n`,
    `${PG}export const a = (fast ? new Pool() : slow)\n`,
  ],
]

test.each(EDITED)('%s', (_name, before, after) => {
  const { text, unsure } = unwrapText('a.ts', before)
  expect(text).toBe(after)
  expect(unsure).toEqual([])
})

const KEPT: readonly (readonly [name: string, text: string, why: RegExp])[] = [
  ['options of the pool', `${POOL}const a = crossfade(new Pool(), { sticky })\n`, /options that you gave/],
  [
    'options of the fetch',
    `${FETCH}createClient(url, key, { global: { fetch: crossfade({ url, key, tables: { a: 1 } }) } })\n`,
    /options that you gave/,
  ],
  ['a fetch in a variable', `${FETCH}const fetch = crossfade({ url, key })\n`, /not where a client gets its fetch/],
  ['a pool that is wrapped where it stands', `${POOL}const p = new Pool()\ncrossfade(p)\n`, /a statement of its own/],
  ['a pool that begins a statement', `${POOL}const a = b\ncrossfade(new Pool).query(c)\n`, /it begins a statement/],
  ['crossfade handed on', `${POOL}wrapAll(crossfade)\n`, /used here in a way of its own/],
]

test.each(KEPT)('left to a person: %s', (_name, before, why) => {
  const { text, unsure } = unwrapText('a.ts', before)
  expect(text).toBe(before)
  expect(unsure).toMatchObject([{ why: expect.stringMatching(why), write: expect.stringMatching(/./) }])
})

test('what is left to a person keeps the import, and the rest is taken out', () => {
  const before = `${POOL}const a = crossfade(new Pool(), { sticky })\nconst b = crossfade(new Pool())\n`
  const { text, clients } = unwrapText('a.ts', before)
  expect(text).toBe(`${POOL}const a = crossfade(new Pool(), { sticky })\nconst b = new Pool()\n`)
  expect(clients).toMatchObject([{ line: 4 }])
})
