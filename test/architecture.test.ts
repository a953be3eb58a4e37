import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { expect, test } from 'vitest'
import { type Import, readImports, stripComments } from './support/imports.ts'

/** A folder imports only from lower floors. Folders of one floor never import each other. */
const FLOORS: string[][] = [
  ['lib'],
  ['db', 'embedded'],
  ['catalog', 'codemap'],
  ['spec', 'snapshot', 'overlap', 'codemods', 'api-types'],
  ['sqlgen', 'control', 'coverage', 'design'],
  ['sync', 'backfill', 'verify', 'reads', 'migrations'],
  ['lifecycle'],
  ['demo', 'check', 'init'],
  ['commands'],
]
/** Values in, values out: no database, no file system, no clock, also not through what they import. */
const PURE = ['spec', 'sqlgen', 'coverage', 'codemods']
/** Of these folders everything but what is named for its reading. */
const PURE_BUT_FOR_READING = ['overlap', 'design', 'api-types']
/** Runs inside the user's application: loads nothing of the tool and nothing from npm, only what Node itself has. */
const ALONE = 'client'
const IMPURE_MODULES = /^(pg|(node:)?(fs|child_process|net|http|https|timers|perf_hooks|worker_threads)(\/.*)?)$/
const CLOCK = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bhrtime\b|\bsetTimeout\(|\bMath\.random\(/
const SAYS_NOTHING = /^(utils?|helpers?|common|managers?|services?)$/
const MAX_LINES = 300

/** Path under src/, with slashes, to its text. */
type Sources = ReadonlyMap<string, string>

const RULES: ((sources: Sources) => string[])[] = [
  checkFloors,
  checkPurity,
  checkClient,
  checkNames,
  checkSize,
  checkTargets,
]

function checkFloors(sources: Sources): string[] {
  return eachImport(sources, (path, { from }) => {
    const [here, there] = [folderOf(path), folderOf(resolveFrom(path, from) ?? path)]
    // main.ts and index.ts stand on the roof; client/ has its own rule.
    if (here === there || here === '' || here === ALONE) return undefined
    if (there === '') return `${path} imports ${from}, which is the entry to everything`
    if (there === ALONE) return undefined
    const [own, other] = [floorOf(here), floorOf(there)]
    if (own === -1) return `${path}: folder ${here}/ has no floor in FLOORS`
    if (own === other) return `${path} imports ${there}/ beside it (floor ${own})`
    return own < other ? `${path} (floor ${own}) imports ${there}/ above it (floor ${other})` : undefined
  })
}

function checkPurity(sources: Sources): string[] {
  const found: string[] = []
  for (const path of sources.keys()) {
    if (!isPure(path)) continue
    for (const [reached, way] of followValues(sources, path)) {
      const text = sources.get(reached)
      const reason =
        text === undefined
          ? IMPURE_MODULES.test(reached) && `loads ${reached}`
          : CLOCK.test(stripComments(text)) && `uses ${CLOCK.exec(stripComments(text))?.[0]}`
      if (reason) found.push(`${way.join(' → ')} ${reason}, but ${folderOf(path)}/ is pure`)
    }
  }
  return found
}

function isPure(path: string): boolean {
  const isReading = /(^|\/)read-[^/]*$/.test(path)
  return PURE.includes(folderOf(path)) || (PURE_BUT_FOR_READING.includes(folderOf(path)) && !isReading)
}

/** Everything that is loaded with `path`, each with the way to it. Imports of types load nothing. */
function followValues(sources: Sources, path: string): Map<string, string[]> {
  const ways = new Map([[path, [path]]])
  for (const [at, way] of ways) {
    for (const { from, typeOnly } of readImports(sources.get(at) ?? '')) {
      const next = resolveFrom(at, from) ?? from
      if (!typeOnly && !ways.has(next)) ways.set(next, sources.has(next) ? [...way, next] : way)
    }
  }
  return ways
}

function checkClient(sources: Sources): string[] {
  return eachImport(sources, (path, { from, typeOnly }) => {
    if (folderOf(path) !== ALONE || typeOnly || from.startsWith('node:')) return undefined
    const inside = folderOf(resolveFrom(path, from) ?? '') === ALONE
    return inside ? undefined : `${path} imports ${from}: ${ALONE}/ takes nothing from outside but types`
  })
}

function checkNames(sources: Sources): string[] {
  return [...sources.keys()].flatMap((path) => {
    const words = path.replace(/\.ts$/, '').split(/[/.-]/)
    const empty = words.find((word) => SAYS_NOTHING.test(word))
    if (empty) return [`${path}: "${empty}" doesn't say what the file holds`]
    return /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+([.-][a-z0-9]+)*\.ts$/.test(path) ? [] : [`${path} isn't kebab-case`]
  })
}

function checkSize(sources: Sources): string[] {
  return [...sources].flatMap(([path, text]) => {
    const lines = text.trimEnd().split('\n').length
    return lines > MAX_LINES ? [`${path} has ${lines} lines: look for the second thing in it`] : []
  })
}

/** Also keeps the scan honest: a path that it read wrongly leads nowhere. */
function checkTargets(sources: Sources): string[] {
  return eachImport(sources, (path, { from }) => {
    const target = resolveFrom(path, from)
    return target === undefined || sources.has(target) || target.startsWith('..')
      ? undefined
      : `${path} imports ${from}, which isn't there`
  })
}

function eachImport(sources: Sources, check: (path: string, one: Import) => string | undefined): string[] {
  return [...sources].flatMap(([path, text]) => readImports(text).flatMap((one) => check(path, one) ?? []))
}

/** Undefined for a package or a module of Node. */
function resolveFrom(path: string, from: string): string | undefined {
  return from.startsWith('.') ? normalize(join(dirname(path), from)).replaceAll(sep, '/') : undefined
}

function folderOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : ''
}

function floorOf(folder: string): number {
  return FLOORS.findIndex((floor) => floor.includes(folder))
}

function readSources(): Sources {
  const root = join(import.meta.dirname, '..', 'src')
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort()
  return new Map(paths.map((path) => [relative(root, path).replaceAll(sep, '/'), readFileSync(path, 'utf8')]))
}

test.each(RULES.map((rule) => [rule.name, rule] as const))('%s: src/ holds it', (_name, rule) => {
  const sources = readSources()
  expect(sources.size).toBeGreaterThan(10)
  expect(rule(sources)).toEqual([])
})

const BROKEN: [what: string, rule: (sources: Sources) => string[], files: Record<string, string>][] = [
  ['an import from above', checkFloors, { 'lib/a.ts': "import { b } from '../db/b.ts'" }],
  ['an import from beside', checkFloors, { 'sync/a.ts': "import type { B } from '../verify/b.ts'" }],
  ['a re-export from above', checkFloors, { 'db/a.ts': "export * from '../catalog/b.ts'" }],
  ['a dynamic import', checkFloors, { 'db/a.ts': "const b = await import('../catalog/b.ts')" }],
  ['a list over several lines', checkFloors, { 'db/a.ts': "import {\n  a,\n  b,\n} from '../spec/b.ts'" }],
  ['the entry', checkFloors, { 'commands/a.ts': "import { b } from '../index.ts'" }],
  ['a folder without a floor', checkFloors, { 'attic/a.ts': "import { b } from '../lib/b.ts'" }],
  [
    'pg beside what reads',
    checkPurity,
    { 'overlap/a.ts': "import pg from 'pg'", 'overlap/read-a.ts': "import pg from 'pg'" },
  ],
  ['pg in a pure folder', checkPurity, { 'sqlgen/a.ts': "import pg from 'pg'" }],
  ['the file system in a pure folder', checkPurity, { 'spec/a.ts': "import { rm } from 'node:fs/promises'" }],
  ['a child process in a pure folder', checkPurity, { 'spec/a.ts': "import { spawn } from 'node:child_process'" }],
  ['a clock in a pure folder', checkPurity, { 'sqlgen/a.ts': 'export const now = () => Date.now()' }],
  [
    'pg by a detour',
    checkPurity,
    { 'sqlgen/a.ts': "import { b } from '../db/b.ts'", 'db/b.ts': "import { type Pool, Client } from 'pg'" },
  ],
  ['a value from outside the client', checkClient, { 'client/a.ts': "import { b } from '../lib/b.ts'" }],
  ['a value of pg in the client', checkClient, { 'client/a.ts': "import pg from 'pg'" }],
  ['an import for its effect', checkClient, { 'client/a.ts': "import 'pg'" }],
  ['a name that says nothing', checkNames, { 'lib/string-utils.ts': '' }],
  ['such a folder', checkNames, { 'sync/helpers/a.ts': '' }],
  ['capitals', checkNames, { 'lib/SqlText.ts': '' }],
  ['a long file', checkSize, { 'lib/a.ts': 'x\n'.repeat(MAX_LINES + 1) }],
  ['a wrong path', checkTargets, { 'lib/a.ts': "import { b } from './gone.ts'" }],
]

test.each(BROKEN)('finds %s', (_what, rule, files) => {
  expect(rule(new Map(Object.entries(files)))).toHaveLength(1)
})

test('lets types, comments and strings pass', () => {
  const text = [
    "import type { Pool } from 'pg'",
    "import { type Client, type PoolClient } from 'pg'",
    "// import { a } from '../lifecycle/a.ts'",
    "/* import pg from 'pg'; Date.now() */",
    "export type Loaded = import('pg').Pool",
    "export const hint = 'https://example.org' // Date.now()",
  ].join('\n')
  const sources: Sources = new Map([
    ['client/a.ts', text],
    ['sqlgen/a.ts', text],
  ])
  expect(RULES.flatMap((rule) => rule(sources))).toEqual([])
  expect(readImports("import a, { b } from './c.ts'")).toEqual([{ from: './c.ts', typeOnly: false }])
})
