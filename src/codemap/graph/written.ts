import type { WrittenExpressions } from '../code-graph.ts'
import type { Interaction, Place } from '../interaction.ts'
import { type Expr, type FileIr, unpackPosition } from '../ir.ts'
import { walkFunction } from '../parts-of.ts'
import type { Module, Program } from '../program.ts'
import { isMaking } from '../queries/tables.ts'
import { parseStatements } from '../sql/parse-statements.ts'
import { parameter, type SqlText, words } from '../sql/sql-text.ts'
import { bareExpression, printExpression } from './walk-expressions.ts'

type Call = Extract<Expr, { k: 'call' | 'new' }>

/** How deep an object may lie in another that is handed to a write: `{ data: { … } }`, `{ create: { … } }`. */
const DEPTH = 3

/**
 * Which expressions the writes of a program put into which columns, as texts: what an insert and the insert beside it
 * have in common. Evidence alone: where it can't be told, nothing is said. Columns are named as the code names them.
 */
export function collectWritten(program: Program, interactions: readonly Interaction[]): WrittenExpressions[] {
  const making = new Map<string, Interaction[]>()
  for (const one of interactions) {
    if (!isMaking(one.operation)) continue
    for (const place of [one, ...(one.through ?? [])]) {
      making.set(keyOf(place), [...(making.get(keyOf(place)) ?? []), one])
    }
  }
  const files = new Set(interactions.map((one) => one.file))
  return program.files.flatMap((file) => {
    const module = files.has(file) ? program.module(file) : null
    if (module === null) return []
    const found: WrittenExpressions[] = []
    for (const fn of module.ir.functions.keys()) {
      walkFunction(module.ir, fn, (expr) => {
        if (expr.k === 'call')
          found.push(...writtenByChain(module, expr, making), ...writtenBySql(module, expr, making))
        if (expr.k === 'tag') found.push(...writtenByTag(module, expr, making))
      })
    }
    return found
  })
}

/** `….insert({ body: draft.text })`, where the table is named at this call or before it in the chain. */
function writtenByChain(
  module: Module,
  call: Call,
  making: ReadonlyMap<string, readonly Interaction[]>,
): WrittenExpressions[] {
  if (
    !/^(insert|upsert|update|values|set|save|create\w*|update\w*|upsert|doUpdateSet|merge|patch)$/.test(
      calledName(call),
    )
  )
    return []
  const columns: Record<string, string> = {}
  for (const arg of call.args) collectMembers(module.ir, arg, DEPTH, columns)
  if (Object.keys(columns).length === 0) return []
  return namesBefore(module, call)
    .flatMap((place) => making.get(keyOf(place)) ?? [])
    .slice(0, 1)
    .map(({ file, line, column, table }) => ({ file, line, column, table, columns }))
}

function calledName({ callee }: Call): string {
  return callee.k === 'member' ? callee.name : ''
}

function collectMembers(ir: FileIr, expr: Expr | undefined, depth: number, columns: Record<string, string>): void {
  const bare = bareExpression(ir, expr)
  if (bare?.k === 'array') for (const item of bare.items) collectMembers(ir, item, depth, columns)
  if (bare?.k !== 'object' || depth === 0) return
  for (const member of bare.members) {
    if (member.k !== 'value') continue
    const inner = bareExpression(ir, member.value)
    if (inner?.k === 'object') collectMembers(ir, inner, depth - 1, columns)
    const text = printExpression(ir, member.value)
    if (text !== null) columns[member.name] = text
  }
}

/** The places of the calls of a chain, this one first. */
function namesBefore({ file, ir }: Module, call: Call): Place[] {
  const places: Place[] = []
  for (let at: Expr | undefined = call; at !== undefined; ) {
    if (at.k === 'call') {
      places.push({ file, ...unpackPosition(at.at) })
      at = at.callee
    } else if (at.k === 'member') {
      places.push({ file, ...unpackPosition(at.at) })
      at = at.object
    } else {
      const bare = bareExpression(ir, at)
      at = bare === at ? undefined : bare
    }
  }
  return places
}

/** `query('insert into posts (body) values ($1)', [draft.text])`. */
function writtenBySql(
  module: Module,
  call: Call,
  making: ReadonlyMap<string, readonly Interaction[]>,
): WrittenExpressions[] {
  const [first, second] = call.args
  const text = bareExpression(module.ir, first)
  const list = bareExpression(module.ir, second)
  if (text?.k !== 'text' || list?.k !== 'array') return []
  const values = list.items.map((item) => printExpression(module.ir, item))
  return readWrites([words(text.text)], (n) => values[n - 1] ?? null, namesBefore(module, call), making)
}

/** sql`insert into posts (body) values (${draft.text})`. */
function writtenByTag(
  module: Module,
  tag: Extract<Expr, { k: 'tag' }>,
  making: ReadonlyMap<string, readonly Interaction[]>,
): WrittenExpressions[] {
  const { parts, holes } = tag
  if (!/\b(insert|update)\b/i.test(parts.join(' '))) return []
  const values = holes.map((hole) => printExpression(module.ir, hole))
  const text = parts.flatMap((part, index) => (index === 0 ? [words(part)] : [parameter([marked(index)]), words(part)]))
  return readWrites(text, (n) => values[n - 1] ?? null, [{ file: module.file, ...unpackPosition(tag.at) }], making)
}

/** A literal that stands for the n-th value while the statement is read. */
function marked(n: number): string {
  return `\u0000${n}`
}

function readWrites(
  text: SqlText,
  printed: (n: number) => string | null,
  places: readonly Place[],
  making: ReadonlyMap<string, readonly Interaction[]>,
): WrittenExpressions[] {
  const near = places.flatMap((place) => making.get(keyOf(place)) ?? [])
  if (near.length === 0) return []
  return parseStatements(text, { parameters: (n) => [marked(n)] }).accesses.flatMap(({ table, values }) => {
    const interaction = near.find((one) => one.table === table)
    if (interaction === undefined) return []
    const columns: Record<string, string> = {}
    for (const [column, literals] of Object.entries(values)) {
      const mark = literals.find((literal) => typeof literal === 'string' && literal.startsWith('\u0000'))
      const value = mark === undefined ? null : printed(Number(String(mark).slice(1)))
      if (value !== null) columns[column] = value
    }
    const { file, line, column } = interaction
    return Object.keys(columns).length === 0 ? [] : [{ file, line, column, table, columns }]
  })
}

function keyOf({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}
