import type { CodeGraph, Loop } from '../../../src/codemap/code-graph.ts'
import type { Interaction, Operation } from '../../../src/codemap/interaction.ts'
import type { Program } from '../program.ts'

export interface Size {
  readonly tables: number
  readonly modules: number
  readonly interactions: number
  readonly seed?: number
}

const DOMAINS = [
  ...[
    'content',
    'posting',
    'tweets',
    'metrics',
    'learning',
    'replies',
    'accounts',
    'billing',
    'experiments',
    'prompts',
  ],
  ...['alerts', 'system'],
]
const NOUNS = [
  ...[
    'metadata',
    'queue',
    'events',
    'decisions',
    'runs',
    'snapshots',
    'scores',
    'settings',
    'history',
    'links',
    'drafts',
  ],
  ...['performance_patterns', 'generation_metadata_comprehensive', 'daily_rollups', 'audit_log', 'failures', 'limits'],
]
const FOLDERS = [
  'src/jobs',
  'src/api/routes',
  'src/intelligence',
  'src/posting',
  'src/metrics',
  'src/learning',
  'src/lib/db',
]
const MODULE_WORDS = [
  'planner',
  'collector',
  'store',
  'analyzer',
  'scheduler',
  'orchestrator',
  'worker',
  'sync',
  'report',
]
const OPERATIONS: readonly Operation[] = [
  'select',
  'select',
  'select',
  'select',
  'insert',
  'insert',
  'update',
  'upsert',
  'delete',
]
const COLUMNS = [
  'decision_id',
  'tweet_id',
  'status',
  'content',
  'score',
  'kind',
  'user_id',
  'payload',
  'posted_at',
  'source',
]

/** A program as large as asked for, the same for the same seed: few tables are used by many, most by few. */
export function makeProgram({ tables, modules, interactions, seed = 1 }: Size): Program {
  const random = randomFrom(seed)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  const tableNames = distinct(tables, (index) => {
    const suffix = index % 17 === 0 ? '_v2' : index % 23 === 0 ? '_old' : ''
    return `${DOMAINS[index % DOMAINS.length]}_${NOUNS[Math.floor(index / DOMAINS.length) % NOUNS.length]}${suffix}`
  })
  const moduleFiles = distinct(modules, (index) => {
    const domain = DOMAINS[index % DOMAINS.length] ?? ''
    const word = MODULE_WORDS[Math.floor(index / DOMAINS.length) % MODULE_WORDS.length] ?? ''
    return `${pick(FOLDERS)}/${domain}${word[0]?.toUpperCase()}${word.slice(1)}`
  }).map((name) => `${name}.ts`)
  const imports = moduleFiles.map((file): [string, string] => ['src/main.ts', file])
  const loops: Loop[] = moduleFiles
    .filter((_file, index) => index % 3 === 0)
    .map((file, index) => ({
      file: 'src/main.ts',
      line: index + 1,
      column: 3,
      kind: 'timer',
      label: null,
      job: `${file}#run0`,
      runs: [`${file}#run0`],
    }))
  const lines = new Map<string, number>()
  const made = Array.from({ length: interactions }, (): Interaction => {
    const moduleIndex = Math.floor(random() ** 1.5 * modules)
    const file = moduleFiles[moduleIndex] ?? ''
    // Mostly tables of the module's own domain, and of those mostly the first.
    const own = tableNames.filter((_name, index) => index % DOMAINS.length === moduleIndex % DOMAINS.length)
    const table =
      random() < 0.75 ? own[Math.floor(random() ** 2 * own.length)] : tableNames[Math.floor(random() ** 3 * tables)]
    const operation = pick(OPERATIONS)
    const line = (lines.get(file) ?? 0) + 3
    lines.set(file, line)
    const some = [...new Set([pick(COLUMNS), pick(COLUMNS)])].sort()
    const reads = operation === 'select'
    return {
      ...{ file, line, column: 9, function: `run${Math.floor(random() * 4)}`, style: 'supabase', schema: null },
      ...{ table: table ?? '', operation, returning: false },
      columns: { read: reads ? some : [], written: reads ? [] : some, filtered: [], ordered: [], known: true },
    }
  })
  const calls = moduleFiles.flatMap((file) =>
    [1, 2, 3].map((n): [string, string] => [`${file}#run0`, `${file}#run${n}`]),
  )
  const graph: CodeGraph = {
    ...{
      files: ['src/main.ts', ...moduleFiles],
      imports,
      calls,
      entries: ['src/main.ts'],
      loops,
      callbacks: [],
      written: [],
      relations: [],
    },
  }
  return { interactions: made, unresolved: [], graph }
}

function distinct(length: number, nameOf: (index: number) => string): string[] {
  const names = new Set<string>()
  for (let index = 0; names.size < length; index++) {
    const name = nameOf(index)
    names.add(names.has(name) ? `${name}_${index}` : name)
  }
  return [...names]
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
