import type { InteractionMap, SuspectGroup, TableSummary } from '../interaction-map.ts'
import { keyOf } from '../pages/table-groups.ts'
import { count } from '../queries/statistics.ts'
import { countCells, cutEnd, cutToCells } from '../queries/text-width.ts'
import type { Terminal } from './terminal.ts'

export interface Ending {
  /** Paths of what was written, as a person would name them. */
  readonly written: readonly string[]
  /** The one command that comes next, and what it is good for. */
  readonly next: { readonly command: string; readonly why: string }
}

/** What fits on a screen; a program that reads the output gets everything. */
const MOST_TABLES = 40
const MOST_SUSPECTS = 8
const MOST_SENTENCES = 3
const MOST_FLOWS = 3
const MOST_PLACES = 20

/** The map for people, line by line: tables, flows, suspects, what could not be told, what was written, what is next. */
export function printMap(map: InteractionMap, terminal: Terminal, ending: Ending): string[] {
  const parts = [
    wrap(headline(map), terminal, '', '  '),
    printTables(map.tables, terminal),
    printFlows(map, terminal),
    printSuspects(map.suspects, terminal),
    printUnresolved(map, terminal),
    printProblems(map, terminal),
    [
      ...ending.written.map((path, index) => `${index === 0 ? 'Written:' : '        '} ${path}`),
      ...printNext(ending, terminal),
    ],
  ]
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : ['', ...part]))
}

function printNext({ next }: Ending, terminal: Terminal): string[] {
  const why = wrap(next.why, terminal, '         ', '         ')
  return [`Next:    ${terminal.bold(next.command)}`, ...why.map(terminal.dim)]
}

function headline({ summary }: InteractionMap): string {
  const { interactions, tables, files, reads, writes, updates, deletes } = summary
  const parts = [count(reads, 'read'), count(writes, 'insert'), count(updates, 'update'), count(deletes, 'delete')]
  return `${count(interactions, 'query', 'queries')} to ${count(tables, 'table')} in ${count(files, 'file')}: ${parts.join(', ')}`
}

function printTables(tables: readonly TableSummary[], terminal: Terminal): string[] {
  const shown = terminal.isTTY ? tables.slice(0, MOST_TABLES) : tables
  const heads = shown.map(({ interactions }) => `${count(interactions, 'query', 'queries')} →`)
  const headWidth = longest(heads)
  const classWidth = longest(shown.map((table) => table.class))
  const room = terminal.columns - headWidth - classWidth - 5
  // At least half of the room is the names', since they tell the tables apart.
  const operations = shown.map(tellOperations)
  const nameWidth = terminal.isTTY
    ? Math.min(longest(shown.map(keyOf)), Math.max(Math.floor(room / 2), room - longest(operations)))
    : longest(shown.map(keyOf))
  const lines = shown.map((table, index) => {
    const told = operations[index] ?? ''
    return [
      (heads[index] ?? '').padStart(headWidth),
      terminal.bold(padEnd(clip(keyOf(table), nameWidth, terminal, 'middle'), nameWidth)),
      '',
      terminal.ofClass(table.class, table.class.padEnd(classWidth)),
      '',
      terminal.dim(clip(told, room - nameWidth, terminal)),
    ].join(' ')
  })
  const more = tables.length - shown.length
  return more > 0 ? [...lines, terminal.dim(`and ${count(more, 'more table')}`)] : lines
}

function tellOperations({ byOperation }: TableSummary): string {
  return Object.entries(byOperation)
    .map(([operation, times]) => `${times} ${operation}`)
    .join(', ')
}

function printFlows({ flows }: InteractionMap, terminal: Terminal): string[] {
  const critical = flows.filter((flow) => flow.critical)
  if (critical.length === 0) return []
  const shown = terminal.isTTY ? critical.slice(0, MOST_FLOWS) : critical
  return [terminal.bold('Critical flows'), ...shown.flatMap(({ text }) => wrap(text, terminal, '  ', '    '))]
}

function printSuspects(suspects: readonly SuspectGroup[], terminal: Terminal): string[] {
  if (suspects.length === 0) return []
  const shown = terminal.isTTY ? suspects.slice(0, MOST_SUSPECTS) : suspects
  const more = suspects.length - shown.length
  return [
    terminal.bold('Tables that look like the same thing'),
    ...shown.flatMap(({ tables, score, evidence }) => [
      ...wrap(tables.join(', '), terminal, `  ${score.toFixed(2)}  `, '        '),
      ...evidence
        .slice(0, MOST_SENTENCES)
        .map((sentence) => terminal.dim(clip(`        ${shorten(sentence, tables)}`, terminal.columns, terminal))),
    ]),
    ...(more > 0 ? [terminal.dim(`  and ${count(more, 'more group')}`)] : []),
  ]
}

/** Of two tables it needn't be said which two. */
function shorten(sentence: string, tables: readonly string[]): string {
  const prefix = `${tables.join(' and ')}: `
  return tables.length === 2 && sentence.startsWith(prefix) ? sentence.slice(prefix.length) : sentence
}

function printUnresolved({ unresolved }: InteractionMap, terminal: Terminal): string[] {
  if (unresolved.length === 0) return []
  const shown = terminal.isTTY ? unresolved.slice(0, MOST_PLACES) : unresolved
  const more = unresolved.length - shown.length
  return [
    terminal.bold(`${count(unresolved.length, 'query', 'queries')} could not be resolved`),
    ...shown.flatMap((one) => [`  ${terminal.link(one)}`, ...wrap(one.reason, terminal, '    ', '    ')]),
    ...(more > 0 ? [terminal.dim(`  and ${more} more`)] : []),
  ]
}

function printProblems({ problems }: InteractionMap, terminal: Terminal): string[] {
  if (problems.length === 0) return []
  const shown = terminal.isTTY ? problems.slice(0, MOST_PLACES) : problems
  const more = problems.length - shown.length
  return [
    terminal.bold(`${count(problems.length, 'file')} could not be read in full`),
    ...shown.flatMap(({ file, message }) => wrap(`${file}: ${message}`, terminal, '  ', '    ')),
    ...(more > 0 ? [terminal.dim(`  and ${more} more`)] : []),
  ]
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, countCells(text)), 0)
}

function padEnd(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - countCells(text)))
}

function clip(text: string, cells: number, { isTTY }: Terminal, where: 'middle' | 'end' = 'end'): string {
  const safe = text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?')
  if (!isTTY || cells === Number.POSITIVE_INFINITY) return safe
  return where === 'middle' ? cutToCells(safe, Math.max(1, cells)) : cutEnd(safe, Math.max(1, cells))
}

/** Between words; a program gets one line. */
function wrap(text: string, terminal: Terminal, first: string, others: string): string[] {
  const words = clip(text, Number.POSITIVE_INFINITY, terminal).split(' ')
  if (!terminal.isTTY) return [first + words.join(' ')]
  const room = terminal.columns - Math.max(first.length, others.length)
  const lines: string[] = []
  let line = first
  for (const word of words.map((one) => cutToCells(one, room))) {
    const glued = line.trim() === '' || line.endsWith(' ') ? `${line}${word}` : `${line} ${word}`
    if (countCells(glued) > terminal.columns && line.trim() !== '') {
      lines.push(line)
      line = others + word
    } else line = glued
  }
  return [...lines, line]
}
