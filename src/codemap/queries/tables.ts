import { type FunctionId, functionId } from '../code-graph.ts'
import type { Columns, Interaction, Operation } from '../interaction.ts'
import type { OperationCounts, RoutineSummary } from '../interaction-map.ts'
import { groupBy } from './group-by.ts'

/** All that code does with one table, in the order of the map. */
export interface TableAccess {
  /** What tells it from other tables, and what people read: `posts`, `audit.posts`. */
  readonly key: string
  readonly name: string
  /** Null where no code names it. */
  readonly schema: string | null
  readonly interactions: readonly Interaction[]
}

const READS: readonly Operation[] = ['select']
const WRITES: readonly Operation[] = ['insert', 'update', 'upsert', 'delete', 'truncate']

export function isRead(operation: Operation): boolean {
  return READS.includes(operation)
}

export function isWrite(operation: Operation): boolean {
  return WRITES.includes(operation)
}

/** Inserts, updates and upserts: what makes rows that somebody may read. */
export function isMaking(operation: Operation): boolean {
  return operation === 'insert' || operation === 'update' || operation === 'upsert'
}

/** `posts` and `public.posts` are one table: without a schema, names are looked up in `public`; temporary tables first. */
export function tableKey(schema: string | null, name: string): string {
  return schema === null || schema === 'public' || schema === 'pg_temp' ? name : `${schema}.${name}`
}

const SERVER = /^(pg_catalog\.|information_schema\.|pg_)/
/** What Supabase keeps for itself beside the tables of the program. */
const PLATFORM =
  /^(storage\.(objects|buckets|migrations|s3_\w+)|auth\.(users|identities|sessions|refresh_tokens|audit_log_entries|mfa_\w+)|realtime\.\w+|vault\.\w+|cron\.\w+|net\.\w+)$/

/** Of the server or the platform: no program owns it. */
export function isSystemTable(key: string): boolean {
  return SERVER.test(key) || PLATFORM.test(key)
}

/** Tables by key; calls of database functions are no tables. */
export function collectTables(interactions: readonly Interaction[]): TableAccess[] {
  const groups = groupByKey(interactions.filter((one) => one.operation !== 'rpc'))
  return [...groups].map(([key, own]) => ({
    key,
    name: own[0]?.table ?? key,
    schema: own.find((one) => one.schema !== null)?.schema ?? null,
    interactions: own,
  }))
}

const ORDER: readonly Operation[] = ['select', 'insert', 'upsert', 'update', 'delete', 'truncate', 'ddl', 'rpc']

/** The operations of these interactions, each once, in the order in which people say them. */
export function operationsOf(interactions: readonly Interaction[]): Operation[] {
  const done = new Set(interactions.map((one) => one.operation))
  return ORDER.filter((operation) => done.has(operation))
}

/** The functions of the database that code calls, by name. */
export function collectRoutines(interactions: readonly Interaction[]): RoutineSummary[] {
  const groups = groupByKey(interactions.filter((one) => one.operation === 'rpc'))
  return [...groups].map(([key, own]) => ({
    name: own[0]?.table ?? key,
    schema: own.find((one) => one.schema !== null)?.schema ?? null,
    interactions: own.length,
    files: filesOf(own),
  }))
}

/** Only operations that occur, the most frequent first. */
export function countOperations(interactions: readonly Interaction[]): OperationCounts {
  const counts = new Map<Operation, number>()
  for (const { operation } of interactions) counts.set(operation, (counts.get(operation) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || compareText(a, b)))
}

/** The union; `known` only where all of them are. */
export function mergeColumns(interactions: readonly Interaction[]): Columns {
  const [read, written, filtered, ordered] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ]
  for (const { columns } of interactions) {
    for (const column of columns.read) read.add(column)
    for (const column of columns.written) written.add(column)
    for (const column of columns.filtered) filtered.add(column)
    for (const column of columns.ordered) ordered.add(column)
  }
  const known = interactions.every((one) => one.columns.known)
  return { read: sorted(read), written: sorted(written), filtered: sorted(filtered), ordered: sorted(ordered), known }
}

export function filesOf(interactions: readonly Interaction[]): string[] {
  return sorted(interactions.map((one) => one.file))
}

export function functionsOf(interactions: readonly Interaction[]): FunctionId[] {
  return sorted(interactions.map(idOf))
}

export function idOf(interaction: Interaction): FunctionId {
  return functionId(interaction.file, interaction.function)
}

/** Each once, by code point: the same on every machine. */
export function sorted(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(compareText)
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function groupByKey(interactions: readonly Interaction[]): [string, Interaction[]][] {
  const groups = groupBy(interactions, (one) => tableKey(one.schema, one.table))
  return [...groups].sort(([a], [b]) => compareText(a, b))
}
