import type { Relation } from '../code-graph.ts'
import { fileRole } from '../file-role.ts'
import type { TableClass } from '../interaction-map.ts'
import { type Activity, count, tellStatistics } from './statistics.ts'
import { mean, median, type TableFacts } from './table-facts.ts'
import { isRead, isSystemTable, isWrite } from './tables.ts'
import { tellLoops, tellUse } from './tell-use.ts'

/** A class and the sentences that speak for it. */
export interface Verdict {
  readonly class: TableClass
  readonly evidence: readonly string[]
}

/** What the tables of a program are measured against. */
interface Scale {
  /** The mean reach of the tables that are both read and written, by loops where those are known. */
  readonly reach: number
  /** How many functions read, and write, the middle one of them. */
  readonly readers: number
  readonly writers: number
  /** Whether most of them are on a loop that is known: only then does it say something that one is not. */
  readonly loopsKnown: boolean
  /** Whether most of them are in use by the database's word: only then does it say something that one is not. */
  readonly databaseInUse: boolean
}

export interface Surroundings {
  readonly entriesKnown: boolean
  /** By key. */
  readonly activity: ReadonlyMap<string, Activity>
  /** By key: why another table of the same thing makes this one superfluous. */
  readonly shadowed: ReadonlyMap<string, string>
  /** By key, of a table that links two others: where those are read together, which goes through it. */
  readonly links: ReadonlyMap<string, string>
  /** By key, what the DDL says of it. */
  readonly relations: ReadonlyMap<string, Relation>
  /** Accesses of which the table is not known. */
  readonly unresolved: number
}

/**
 * By key of the table. No threshold is a number: a table is compared with the tables of the same program that are both
 * read and written. As reach is spread unevenly (few tables have to do with everything, most with little), its mean
 * cuts off the few: Jiang's head/tail break, of which one cut is taken. A table that is only read, or only written, is
 * legacy unless more functions do so than with the median table: settings are only read, logs only written.
 */
export function classifyTables(all: readonly TableFacts[], around: Surroundings): Map<string, Verdict> {
  const scale = buildScale(all, around)
  return new Map(all.map((one) => [one.key, classify(one, scale, around)]))
}

function buildScale(all: readonly TableFacts[], { activity }: Surroundings): Scale {
  const both = all.filter((one) => one.readers.length > 0 && one.writers.length > 0)
  const onLoops = both.filter((one) => one.readingLoops.length > 0 && one.writingLoops.length > 0)
  const inUse = both.filter((one) => activity.get(one.key)?.quiet === false)
  const loopsKnown = onLoops.length > 0 && 2 * onLoops.length >= both.length
  return {
    reach: mean((loopsKnown ? onLoops : both).map((one) => one.reach)),
    readers: median(both.map((one) => one.readers.length)),
    writers: median(both.map((one) => one.writers.length)),
    loopsKnown,
    databaseInUse: inUse.length > 0 && 2 * inUse.length >= both.length,
  }
}

function classify(one: TableFacts, scale: Scale, around: Surroundings): Verdict {
  const activity = around.activity.get(one.key)
  const byCode = classifyByCode(one, scale, around)
  if (activity === undefined) return byCode
  const numbers = tellStatistics(activity)
  const { verdict, because } = weigh(one, byCode.class, activity, scale)
  return { class: verdict, evidence: [...byCode.evidence, numbers, ...(because === null ? [] : [because])] }
}

function classifyByCode(one: TableFacts, scale: Scale, around: Surroundings): Verdict {
  const use = tellUse(one, around)
  if (isSystemTable(one.key))
    return { class: 'unknown', evidence: ['It belongs to the server or the platform.', ...use] }
  const idle = idleReason(one, around)
  if (idle !== null) return { class: idle.class, evidence: [idle.because, ...use] }
  const shadow = around.shadowed.get(one.key)
  if (shadow !== undefined) return { class: 'legacy', evidence: [shadow, ...use] }
  const half = halfUsed(one, scale, around)
  if (half !== null) return { class: half.class, evidence: [half.because, ...use] }
  const loops = tellLoops(one)
  const onLoops = one.readingLoops.length > 0 && one.writingLoops.length > 0
  const wide = one.readers.length > 0 && one.writers.length > 0 && one.reach >= scale.reach
  if (wide && (onLoops || !scale.loopsKnown)) {
    const sentence = `Its reach is ${figure(one.reach)} of 1; tables that are read and written have ${figure(scale.reach)} on average.`
    return { class: 'critical', evidence: [...use, ...loops, sentence] }
  }
  const missing = wide ? ['No known loop writes it and reads it, unlike most tables.'] : []
  return { class: 'important', evidence: [...use, ...loops, ...missing] }
}

/** Nothing that runs uses it. */
function idleReason(one: TableFacts, around: Surroundings): { class: TableClass; because: string } | null {
  if (one.running.some(({ operation }) => operation !== 'ddl')) return null
  if (one.interactions.length === 0) return { class: 'legacy', because: 'Nothing in the code names it.' }
  const used = one.interactions.filter(({ operation }) => operation !== 'ddl')
  if (used.length === 0) {
    const gone = around.relations.get(one.key)?.gone === true ? ' In the end it is dropped or renamed.' : ''
    return { class: 'legacy', because: `The code only creates, alters or drops it; nothing reads or writes it.${gone}` }
  }
  const roles = [...one.roles].filter((role) => role !== 'sql')
  if (one.roles.has('sql') && !roles.includes('program')) {
    return { class: 'unknown', because: 'Only .sql files use it, and the code does not say whether they run.' }
  }
  if (!roles.includes('program')) {
    return { class: 'legacy', because: `Only ${listRoles(roles)} use it.` }
  }
  const files = new Set(used.map((interaction) => interaction.file)).size
  const nobody = around.entriesKnown ? 'no entry point of the program loads' : 'nothing imports'
  return { class: 'legacy', because: `It is used in ${count(files, 'file')} only, which ${nobody}.` }
}

/** What runs only reads it, or only writes it. */
function halfUsed(one: TableFacts, scale: Scale, around: Surroundings): { class: TableClass; because: string } | null {
  if (one.readers.length > 0 && one.writers.length > 0) return null
  if (around.relations.get(one.key)?.isView === true) return { class: 'important', because: 'It is a view.' }
  // Rows of a table of countries come from a seed; code that nothing loads brings none, and tests are not in service.
  const elsewhere = one.interactions.filter(({ file }) => !['program', 'test'].includes(fileRole(file)))
  const doubt =
    around.unresolved > 0 ? ` (${count(around.unresolved, 'access', 'accesses')} could not be resolved)` : ''
  if (one.writers.length === 0) {
    const source = elsewhere.find(({ operation }) => isWrite(operation))
    if (source) return { class: 'important', because: `It is only read here; its rows come from ${source.file}.` }
    if (one.readers.length > scale.readers && scale.readers > 0) {
      return { class: 'important', because: `It is only read${doubt}, but by more functions than the usual table.` }
    }
    return { class: 'legacy', because: `It is only read: nothing that runs writes it${doubt}.` }
  }
  const link = around.links.get(one.key)
  if (link !== undefined) return { class: 'important', because: link }
  const reader = elsewhere.find(({ operation }) => isRead(operation))
  if (reader) return { class: 'important', because: `It is only written here; ${reader.file} reads it.` }
  if (one.writers.length > scale.writers && scale.writers > 0) {
    return { class: 'important', because: `It is only written${doubt}, but by more functions than the usual table.` }
  }
  return { class: 'legacy', because: `It is only written: nothing that runs reads it${doubt}.` }
}

/** What the database says against the code, or for it. */
function weigh(
  one: TableFacts,
  byCode: TableClass,
  activity: Activity,
  scale: Scale,
): { verdict: TableClass; because: string | null } {
  const running = one.running.some(({ operation }) => operation !== 'ddl')
  if (!running && !activity.quiet) {
    return { verdict: 'unknown', because: 'Something that is not in this code uses it.' }
  }
  if (running && activity.quiet && scale.databaseInUse) {
    return {
      verdict: 'legacy',
      because: 'The code uses it, yet the database has seen no use of it, unlike of most tables.',
    }
  }
  if (byCode === 'legacy' && running && one.writers.length === 0 && activity.writes > 0) {
    return { verdict: 'important', because: 'Something that is not in this code writes it.' }
  }
  if (byCode === 'legacy' && running && one.readers.length === 0 && activity.scans > 0) {
    return { verdict: 'important', because: 'Something that is not in this code reads it.' }
  }
  if (byCode === 'important' && activity.busy && one.readers.length > 0 && one.writers.length > 0) {
    return { verdict: 'critical', because: 'It is among the busiest tables of the database.' }
  }
  return { verdict: byCode, because: null }
}

function listRoles(roles: readonly string[]): string {
  const words = [...roles].sort().map((role) => `${role}s`)
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function figure(number: number): string {
  return number.toFixed(2)
}
