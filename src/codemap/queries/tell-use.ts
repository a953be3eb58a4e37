import type { Loop, LoopKind } from '../code-graph.ts'
import { count } from './statistics.ts'
import type { TableFacts } from './table-facts.ts'

const LOOPS: { readonly [kind in LoopKind]: string } = {
  timer: 'a timer',
  schedule: 'a schedule',
  loop: 'an endless loop',
  queue: 'a queue worker',
  request: 'a request',
  event: 'an event',
}

/** How much of the program reads and writes the table, in a sentence; none where nothing that runs does. */
export function tellUse(one: TableFacts, { entriesKnown }: { readonly entriesKnown: boolean }): string[] {
  const [readers, writers] = [one.readers.length, one.writers.length]
  if (readers + writers === 0) return []
  const uses = [...tellFunctions(readers, 'read'), ...tellFunctions(writers, 'write')].join(', ')
  const loaded = entriesKnown ? `, loaded by ${count(one.entries.length, 'entry point')}` : ''
  const idle = new Set(one.interactions.map(({ file }) => file)).size - one.modules.length
  const beside = idle > 0 ? `; ${count(idle, 'more file')} beside the running program` : ''
  return [`${uses}, in ${count(one.modules.length, 'file')}${loaded}${beside}.`]
}

/** The loops that write and read it, each kind with one example. */
export function tellLoops(one: TableFacts): string[] {
  return [
    ...(one.writingLoops.length > 0 ? [`Written by ${listLoops(one.writingLoops)}.`] : []),
    ...(one.readingLoops.length > 0 ? [`Read by ${listLoops(one.readingLoops)}.`] : []),
  ]
}

function tellFunctions(number: number, verb: string): string[] {
  if (number === 0) return []
  return [`${count(number, 'function')} ${number === 1 ? `${verb}s` : verb} it`]
}

function nameOf(id: string): string {
  return id.slice(id.indexOf('#') + 1)
}

function listLoops(loops: readonly Loop[]): string {
  const [first] = loops
  if (first === undefined) return 'no loop'
  // A route is known by its path, a timer by what it starts.
  const name = first.kind === 'request' ? (first.label ?? nameOf(first.job)) : nameOf(first.job)
  const example = `${LOOPS[first.kind]}${name ? `, ${name}` : ''} (${first.file}:${first.line})`
  return loops.length === 1 ? example : `${count(loops.length, 'loop')}, such as ${example}`
}
