import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mayMakeClients } from '../../src/codemods/libraries.ts'
import { unwrapText } from '../../src/codemods/unwrap.ts'
import { wrapText } from '../../src/codemods/wrap.ts'

const FOLDER = join(import.meta.dirname, '../codemap/fixtures')

test('the programs that the map is tested with: wrapped and unwrapped they are what they were', () => {
  const found = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  const files = found.filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !file.endsWith('.d.ts'))
  let clients = 0
  const unsure: string[] = []
  for (const file of files) {
    const text = readFileSync(join(FOLDER, file), 'utf8')
    const wrapped = wrapText(file, text)
    expect(unwrapText(file, wrapped.text).text, file).toBe(text)
    if (wrapped.edits.length > 0) expect(mayMakeClients(text), file).toBe(true)
    clients += wrapped.clients.length
    unsure.push(...wrapped.unsure.map(({ why }) => `${file}: ${why}`))
  }
  expect(clients).toBeGreaterThan(40)
  expect(unsure.filter((one) => !one.includes("can't be parsed"))).toEqual([
    'pg-wrappers/src/extended-pool.ts: a class is made of Pool',
  ])
})
