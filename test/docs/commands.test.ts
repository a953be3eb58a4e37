import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { assertCommand, createProgram } from '../../src/commands/program.ts'
import { assertGateName } from '../../src/lifecycle/approve.ts'
import { validateConfig } from '../../src/spec/validate-config.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGES = ['README.md', 'CHANGELOG.md', ...listPages('docs'), ...listPages('examples')]

function listPages(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => join(folder, path))
    .sort()
}

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

/** The lines of all shell fences, and code spans that are a whole command. */
function listCommandLines(text: string): string[] {
  const fences = [...text.matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm)].flatMap(([, body = '']) =>
    body.split('\n'),
  )
  const spans = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`((?:npx |npm )?[^`\n]*)`/g)].map(
    ([, code = '']) => code,
  )
  return [...fences, ...spans.filter((code) => /^(npx )?crossfade( [a-z-]|$)|^npm (run|test|ci|cit)\b/.test(code))]
    .flatMap((line) => line.replace(/\s#.*$/, '').split('&&'))
    .map((line) => line.trim().replace(/^\$ /, ''))
}

/** The words after `crossfade`, or undefined for what is another command. */
function readWords(line: string): string[] | undefined {
  const [, words] = /^(?:npx )?crossfade(?: (.*))?$/.exec(line) ?? []
  if (words === undefined && !/^(npx )?crossfade$/.test(line)) return undefined
  return (words ?? '').split(/\s+/).filter((word) => word !== '')
}

/** Parses as the binary would, and does nothing. */
async function parse(words: string[]): Promise<void> {
  const program = await createProgram('0.0.0')
  for (const command of program.commands) {
    command
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .action(() => {})
  }
  assertCommand(program, words)
  await program.parseAsync(words, { from: 'user' })
  const [name, argument] = words
  // A placeholder stands for any of them.
  if (name === 'approve' && argument !== '<gate>') assertGateName(argument ?? '')
  if (name === 'reads' && argument !== '<percent>')
    expect(await describe('reads')).toMatch(new RegExp(`\\b${argument}\\b`))
}

/** What a command says of itself: `reads` lists its steps there. */
async function describe(name: string): Promise<string> {
  const { commands } = await createProgram('0.0.0')
  return commands.find((command) => command.name() === name)?.description() ?? ''
}

test.each(PAGES)('%s: every crossfade command exists, with its flags', async (page) => {
  for (const line of listCommandLines(read(page))) {
    const words = readWords(line)
    // Ends in an ellipsis: a command of which only the beginning is shown.
    if (words === undefined || words.includes('…')) continue
    await parse(words).catch((error: Error) => expect.fail(`${page}: ${line}: ${error.message}`))
  }
})

test.each(PAGES)('%s: every npm script exists', (page) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const line of listCommandLines(read(page))) {
    const [, name] = /^npm run (?:--\S+ )*(\S+)/.exec(line) ?? []
    if (name !== undefined) expect(Object.keys(scripts), `${page}: ${line}`).toContain(name)
  }
})

test('the check of commands fails where it should', async () => {
  for (const words of [
    ['brew'],
    ['sync', '--brew'],
    ['approve'],
    ['approve', 'tea'],
    ['reads', '7'],
    ['rollback', 'x'],
  ])
    await expect(parse(words), words.join(' ')).rejects.toThrow()
  expect(
    listCommandLines('```sh\nnpx crossfade build --dry-run  # why\n```\n`crossfade sync` `crossfade_compat`'),
  ).toEqual(['npx crossfade build --dry-run', '', 'crossfade sync'])
})

test.each(PAGES)('%s: every link leads somewhere', (page) => {
  const text = read(page).replaceAll(/^```[\s\S]*?^```/gm, '')
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path))
    expect(existsSync(join(ROOT, file)), `${page}: ${target}`).toBe(true)
    if (anchor !== undefined) expect(listAnchors(read(file)), `${page}: ${target}`).toContain(anchor)
  }
})

/** As GitHub makes them. */
function listAnchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test.each(PAGES)('%s: every path that it names is there', (page) => {
  const folders = 'src|test|sql|docs|scenarios|examples|scripts|bench'
  const inSource = 'lib|db|embedded|catalog|spec|sqlgen|control|sync|backfill|verify|lifecycle|demo|commands|client'
  for (const [, path = ''] of read(page).matchAll(new RegExp(`\`((?:${folders})/[\\w./-]+)\``, 'g')))
    expect(existsSync(join(ROOT, path)), `${page}: ${path}`).toBe(true)
  for (const [, path = ''] of read(page).matchAll(new RegExp(`\`((?:${inSource})/[\\w./-]+\\.ts)\``, 'g')))
    expect(existsSync(join(ROOT, 'src', path)), `${page}: ${path}`).toBe(true)
})

/** The words of the tables under each heading of the configuration reference. */
function listDocumentedWords(): Map<string, string[]> {
  const sections = read('docs/configuration.md').split(/^##+ /m)
  const tables = sections.map((section): [string, string[]] => {
    const [title = ''] = section.split('\n')
    const [, body = ''] = /^\| word +\|[^\n]*\n\|[-:| ]*\n((?:\|.*\n)*)/m.exec(section) ?? []
    return [title, [...body.matchAll(/^\| `(\w+)` +\|/gm)].map(([, word = '']) => word).sort()]
  })
  return new Map(tables.filter(([, words]) => words.length > 0))
}

/** What validate-config knows at a place: its own answer to a word that nobody knows. */
function listKnownWords(config: object): string[] {
  try {
    validateConfig({ schema: 'new.sql', ...config }, 'crossfade.config.ts')
  } catch (error) {
    const [, words] = /^Known here: (.*)\.$/.exec((error as { hint?: string }).hint ?? '') ?? []
    if (words !== undefined) return words.split(', ').sort()
  }
  return []
}

const UNKNOWN = { brew: 1 }
const table = (spec: object) => ({ tables: { a: { kind: 'merge', key: 'id', sources: {}, ...spec } } })

test.each<[heading: string, config: object]>([
  ['Top level', { tables: {}, ...UNKNOWN }],
  ['A new table: `merge({ … })`', table(UNKNOWN)],
  ['A source', table({ sources: { b: UNKNOWN } })],
  ['A column of a source', table({ sources: { b: { columns: { c: UNKNOWN } } } })],
  ['A new table: `append({ … })`', { tables: { a: { kind: 'append', sources: {}, ...UNKNOWN } } }],
  ['A column of the new table', table({ columns: { c: UNKNOWN } })],
  ['A unique that the old data breaks', table({ unique: { c: UNKNOWN } })],
  ['database', { tables: {}, database: UNKNOWN }],
  ['supabase', { tables: {}, supabase: UNKNOWN }],
  ['migrations', { tables: {}, migrations: UNKNOWN }],
  ['sync', { tables: {}, sync: UNKNOWN }],
  ['sync.tables', { tables: { a: {} }, sync: { tables: { a: UNKNOWN } } }],
  ['sync.throttle', { tables: {}, sync: { throttle: UNKNOWN } }],
  ['finish', { tables: {}, finish: UNKNOWN }],
])('docs/configuration.md, "%s": the words that validate-config knows, and no others', (heading, config) => {
  const known = listKnownWords(config)
  expect(known).not.toEqual([])
  expect(listDocumentedWords().get(heading)).toEqual(known)
})

test('docs/configuration.md documents every word of the types, and no others', () => {
  const types = read('src/spec/config.ts')
  const words = [...types.matchAll(/readonly (\w+)\??:/g)].map(([, word = '']) => word)
  const documented = [...listDocumentedWords().values()].flat()
  expect([...new Set(documented)].sort()).toEqual([...new Set(words.filter((word) => word !== 'kind'))].sort())
})

test('docs/configuration.md names every flag of every command', async () => {
  const text = read('docs/configuration.md')
  for (const command of (await createProgram('0.0.0')).commands as readonly Command[]) {
    for (const option of command.options) expect(text, command.name()).toContain(`\`${option.flags}`)
    expect(text).toContain(`\`crossfade ${command.name()}`)
  }
})

test('every hazard has its page, linked from the README', () => {
  const folder = join(ROOT, 'docs/hazards')
  const pages = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile())
  for (const name of pages) expect(read('README.md')).toContain(`](docs/hazards/${name})`)
})
