import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { buildMap } from '../../../src/codemap/build-map.ts'
import { countCells } from '../../../src/codemap/queries/text-width.ts'
import { printMap } from '../../../src/codemap/terminal/print-map.ts'
import { describeTerminal } from '../../../src/codemap/terminal/terminal.ts'
import type { Program } from '../program.ts'
import { makeHostileProgram } from '../programs/hostile.ts'
import { postingProgram } from '../programs/posting.ts'
import { makeProgram } from '../programs/synthetic.ts'

const ENDING = { written: ['crossfade/A.json', 'crossfade/B.md'], next: { command: 'crossfade status', why: 'why' } }
const ESCAPE = '\u001b'

function print(
  program: Program,
  stream: { isTTY?: boolean; columns?: number },
  env: Record<string, string> = {},
): string[] {
  return printMap(buildMap({ ...program, problems: [] }), describeTerminal(stream, env, '/home/me/bot'), ENDING)
}

const UNRESOLVED: Program = {
  ...postingProgram,
  unresolved: [
    {
      ...{ file: 'src/old/report.ts', line: 12, column: 5, function: 'report', style: 'pg', operation: 'select' },
      reason: 'the table\'s name is not known: it is the parameter "name" of report, which nothing calls',
    },
  ],
}

test('piped, it is plain text with everything in it', () => {
  const lines = print(UNRESOLVED, {})
  expect(lines.join('\n')).toBe(stripVTControlCharacters(lines.join('\n')))
  expect(lines.slice(0, 4)).toEqual([
    '42 queries to 18 tables in 16 files: 17 reads, 15 inserts, 7 updates, 0 deletes',
    '',
    '7 queries → content_metadata                           critical   2 insert, 2 select, 2 update, 1 ddl',
    '4 queries → posted_decisions                           critical   3 select, 1 insert',
  ])
  expect(lines).toContain('1 query could not be resolved')
  expect(lines).toContain('  src/old/report.ts:12:5')
  expect(lines).toContain('Tables that look like the same thing')
  expect(lines).toContain('  0.93  content_generation_metadata_comprehensive, content_metadata')
  expect(lines.slice(-4)).toEqual([
    'Written: crossfade/A.json',
    '         crossfade/B.md',
    'Next:    crossfade status',
    '         why',
  ])
})

test('every table is there when a program reads it, and 40 on a screen', () => {
  const program = makeProgram({ tables: 130, modules: 60, interactions: 5000 })
  const rows = (lines: readonly string[]) => lines.filter((line) => / quer(y|ies) → /.test(line)).length
  expect(rows(print(program, {}))).toBe(130)
  expect(rows(print(program, { isTTY: true, columns: 120 }))).toBe(40)
})

test.each([40, 80, 100, 200])('on a terminal of %i columns no line is wider', (columns) => {
  for (const program of [UNRESOLVED, makeProgram({ tables: 130, modules: 60, interactions: 5000 })]) {
    for (const line of print(program, { isTTY: true, columns })) {
      expect(countCells(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns)
    }
  }
})

test('names cannot command the terminal', () => {
  for (const stream of [{}, { isTTY: true, columns: 80 }]) {
    const text = print(makeHostileProgram(), stream, { NO_COLOR: '1' }).join('\n')
    expect(/(?!\n)[\p{Cc}\u202e]/u.test(text)).toBe(false)
  }
})

test('colours and links only where a person sees them', () => {
  const tty = { isTTY: true, columns: 100 }
  const place = (lines: readonly string[]) => lines.find((line) => line.includes('report.ts:12:5'))
  expect(place(print(UNRESOLVED, tty, { TERM: 'xterm' }))).toBe('  src/old/report.ts:12:5')
  expect(place(print(UNRESOLVED, tty, { TERM: 'xterm', FORCE_HYPERLINK: '0', TERM_PROGRAM: 'vscode' }))).not.toContain(
    '\u001b',
  )
  expect(place(print(UNRESOLVED, {}, { TERM_PROGRAM: 'vscode' }))).toBe('  src/old/report.ts:12:5')
  expect(place(print(UNRESOLVED, tty, { TERM_PROGRAM: 'vscode', CI: 'true' }))).toBe('  src/old/report.ts:12:5')
  for (const env of [
    { TERM_PROGRAM: 'iTerm.app' },
    { VTE_VERSION: '7600' },
    { TERM: 'xterm-kitty' },
    { WT_SESSION: 'x' },
  ]) {
    const parts = place(print(UNRESOLVED, tty, env))?.split(ESCAPE)
    expect(parts?.map((part) => part.replace(/file:\/\/[^/]*/, 'file://HOST'))).toEqual([
      '  ',
      ']8;;file://HOST/home/me/bot/src/old/report.ts',
      '\\src/old/report.ts:12:5',
      ']8;;',
      '\\',
    ])
  }
})
