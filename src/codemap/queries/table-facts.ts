import type { FunctionId, Loop } from '../code-graph.ts'
import { type FileRole, fileRole } from '../file-role.ts'
import { type Access, collectAccesses } from '../flows/actors.ts'
import type { Interaction } from '../interaction.ts'
import { groupBy } from './group-by.ts'
import type { Reach } from './reach.ts'
import { filesOf, functionsOf, idOf, isMaking, isRead, isWrite, type TableAccess } from './tables.ts'

/** What the code does with one table where it runs. */
export interface TableFacts extends TableAccess {
  /** In files that an entry of the program loads. */
  readonly running: readonly Interaction[]
  readonly readers: readonly FunctionId[]
  readonly writers: readonly FunctionId[]
  /** Files of `running`. */
  readonly modules: readonly string[]
  readonly entries: readonly string[]
  readonly readingLoops: readonly Loop[]
  readonly writingLoops: readonly Loop[]
  /** What the files that touch it are for, each once. */
  readonly roles: ReadonlySet<FileRole>
  /** 0 to 1: how much of the program has to do with it, next to the table with which most has. */
  readonly reach: number
}

type Measured = Omit<TableFacts, 'reach'>

/**
 * The facts of all tables; `reach` compares them with each other, by functions, modules, entry points, accesses and
 * hand-overs. What all have alike says nothing and doesn't count.
 */
export function buildFacts(tables: readonly TableAccess[], reach: Reach): TableFacts[] {
  const measured = tables.map((table) => measure(table, reach))
  const handOvers = countHandOvers(collectAccesses(measured, reach))
  const shares = [
    share(measured, (one) => new Set([...one.readers, ...one.writers]).size),
    share(measured, (one) => one.modules.length),
    share(measured, (one) => one.entries.length),
    share(measured, (one) => one.running.length),
    share(measured, (one) => handOvers.get(one.key) ?? 0),
  ].filter((one) => one !== null)
  return measured.map((one) => ({ ...one, reach: shares.length === 0 ? 1 : mean(shares.map((of) => of(one))) }))
}

/** By table: of how many parts of the program each gets rows that another has made. */
function countHandOvers(accesses: readonly Access[]): Map<string, number> {
  return new Map(
    [...groupBy(accesses, (one) => one.table)].map(([table, own]) => {
      const makers = own.filter((one) => one.operations.some(isMaking))
      const readers = own.filter((one) => one.operations.some(isRead))
      const pairs = makers.map((maker) => readers.filter((reader) => reader.actor !== maker.actor).length)
      return [table, pairs.reduce((sum, pair) => sum + pair, 0)]
    }),
  )
}

function measure(table: TableAccess, reach: Reach): Measured {
  const { interactions } = table
  const running = interactions.filter(({ file }) => fileRole(file) === 'program' && reach.live.has(file))
  const reads = running.filter((one) => isRead(one.operation))
  const writes = running.filter((one) => isWrite(one.operation))
  const modules = filesOf(running)
  return {
    ...table,
    running,
    readers: functionsOf(reads),
    writers: functionsOf(writes),
    modules,
    entries: reach.entriesTo(modules),
    readingLoops: loopsOf(reads, reach),
    writingLoops: loopsOf(writes, reach),
    roles: new Set(interactions.map((one) => fileRole(one.file))),
  }
}

function loopsOf(interactions: readonly Interaction[], reach: Reach): Loop[] {
  return [...new Set(interactions.flatMap((one) => [...reach.loopsTo(idOf(one))]))]
}

/** Of the largest; null where all that are read and written have the same. */
function share(all: readonly Measured[], of: (one: Measured) => number): ((one: Measured) => number) | null {
  const counts = all.filter((one) => one.readers.length > 0 && one.writers.length > 0).map(of)
  const most = all.reduce((max, one) => Math.max(max, of(one)), 0)
  return counts.every((one) => one === counts[0]) ? null : (one) => of(one) / most
}

export function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}

/** The middle one; of an even count the mean of both. 0 for none. */
export function median(numbers: readonly number[]): number {
  const sortedNumbers = [...numbers].sort((a, b) => a - b)
  const half = sortedNumbers.length / 2
  return mean(sortedNumbers.slice(Math.ceil(half) - 1, Math.floor(half) + 1))
}
