import { expect, test } from 'vitest'
import { unwrapText } from '../../src/codemods/unwrap.ts'
import { wrapText } from '../../src/codemods/wrap.ts'
import { CASES, UNSURE, UNTOUCHED } from './cases.ts'

test.each(CASES)('$name: wrapped once, twice, and back to the byte', ({ file, before, after }) => {
  const wrapped = wrapText(file, before)
  expect(wrapped.unsure).toEqual([])
  expect(wrapped.text).toBe(after)
  const again = wrapText(file, wrapped.text)
  expect(again).toMatchObject({ text: after, edits: [], clients: [], unsure: [] })
  expect(again.done).toHaveLength(wrapped.clients.length)
  const unwrapped = unwrapText(file, wrapped.text)
  expect(unwrapped.unsure).toEqual([])
  expect(unwrapped.text).toBe(before)
  expect(unwrapped.clients).toHaveLength(wrapped.clients.length)
  expect(unwrapText(file, before)).toMatchObject({ text: before, edits: [], unsure: [] })
})

test.each(UNSURE)('left to a person: %s', (_name, text, told) => {
  const { unsure, edits } = wrapText('client.ts', text)
  expect(edits).toEqual([])
  expect(unsure).toHaveLength(told.length)
  for (const [index, [line, why]] of told.entries()) {
    expect(unsure[index]).toMatchObject({ line, why: expect.stringMatching(why) })
    expect(unsure[index]?.write).not.toBe('')
  }
})

test.each(UNTOUCHED)('nothing to do: %s', (_name, text) => {
  expect(wrapText('client.ts', text)).toMatchObject({ text, edits: [], unsure: [] })
})

test('what is sure is wrapped beside what is not', () => {
  const text = "import { createClient } from '@supabase/supabase-js'\ncreateClient(url, key)\ncreateClient(...args)\n"
  const { clients, unsure } = wrapText('a.ts', text)
  expect(clients).toEqual([{ line: 2, what: 'createClient' }])
  expect(unsure).toMatchObject([{ line: 3 }])
})

test('a key that stands in the code is not told', () => {
  const text = "import { createClient } from '@supabase/supabase-js'\ncreateClient('https://a.b', 'eyJ-secret', o)\n"
  expect(JSON.stringify(wrapText('a.ts', text).unsure)).not.toContain('eyJ-secret')
})
