import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdits, type Edit } from '../../src/codemods/edits.ts'
import { unifiedDiff } from '../../src/codemods/unified-diff.ts'

const lines = fc.array(fc.constantFrom('a', 'b', '', 'c\r'), { maxLength: 40 })
const drawn = fc
  .record({ lines, ending: fc.boolean(), places: fc.array(fc.nat(100), { maxLength: 4 }) })
  .map(({ lines: list, ending, places }) => {
    const text = list.join('\n') + (ending && list.length > 0 ? '\n' : '')
    const starts = [...new Set(places.map((one) => Math.floor((one / 101) * text.length)))].sort((a, b) => a - b)
    const edits = starts.map((start, at): Edit => {
      const next = starts[at + 1] ?? text.length
      return {
        start,
        end: Math.min(next, start + (at % 2)),
        text: ['x', '\ny\n', '', 'z\n'][(start + at) % 4] as string,
      }
    })
    return { text, edits }
  })

test('git applies it, whatever is changed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade diff '))
  try {
    fc.assert(
      fc.property(drawn, ({ text, edits }) => {
        const changed = applyEdits(text, edits)
        const diff = unifiedDiff('a.txt', text, edits)
        if (changed === text) {
          expect(diff).toBe('')
          return
        }
        // git has another way to say that a file is empty.
        if (text === '' || changed === '') return
        writeFileSync(join(folder, 'a.txt'), text)
        execFileSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: folder, input: diff })
        expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe(changed)
      }),
      { numRuns: 60 },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('hunks with three lines around, and no line break at the end', () => {
  const text = `${Array.from({ length: 20 }, (_, at) => `line ${at + 1}`).join('\n')}`
  const edits = [
    { start: 0, end: 0, text: 'first\n' },
    { start: text.length, end: text.length, text: '!' },
  ]
  expect(unifiedDiff('src/a.ts', text, edits)).toBe(
    [
      '--- a/src/a.ts',
      '+++ b/src/a.ts',
      '@@ -1,3 +1,4 @@',
      '+first',
      ' line 1',
      ' line 2',
      ' line 3',
      '@@ -17,4 +18,4 @@',
      ' line 17',
      ' line 18',
      ' line 19',
      '-line 20',
      '\\ No newline at end of file',
      '+line 20!',
      '\\ No newline at end of file',
      '',
    ].join('\n'),
  )
})
