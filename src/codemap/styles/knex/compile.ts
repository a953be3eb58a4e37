import type { Access } from '../../access.ts'
import { addSource, makeQuery, type Query, querySource, use } from '../../builders/query.ts'
import { tableSource } from '../../builders/table-name.ts'
import type { Operation } from '../../interaction.ts'
import { textsOf } from '../../read-value.ts'
import { words } from '../../sql/sql-text.ts'
import { atomsOf, type Value } from '../../value.ts'
import { openSql } from '../open-sql.ts'
import { stepsOf } from './chain.ts'
import { applyStep } from './clauses.ts'
import type { Inside } from './terms.ts'
import { allOf, type BuilderOf, type Head, knexOf, type RawOf, type Step } from './values.ts'

/** A statement that is put together from the calls on one builder. */
export interface Statement extends Inside {
  readonly operation: Operation
  /** The columns of the key, where a model tells. */
  readonly key: readonly string[]
  /** The table that is written; null in a select. */
  target: Access | null
  /** What a callback has said of conditions. */
  applyPart(value: Value): void
}

/** Makes queries of what was said to builders; asked when all has been said. */
export interface Compiler {
  compile(head: Head): Query[]
}

export function createCompiler(): Compiler {
  const done = new Map<Head, Query[]>()
  const compiler: Compiler = {
    compile(head) {
      const known = done.get(head)
      if (known) return known
      const queries: Query[] = []
      done.set(head, queries)
      if (head.is === 'query')
        for (const [operation, steps] of statementsOf(head))
          queries.push(compileStatement(compiler, head, operation, steps))
      return queries
    },
  }
  return compiler
}

const WRITES: Readonly<Record<string, Operation>> = {
  insert: 'insert',
  batchInsert: 'insert',
  upsert: 'upsert',
  onConflict: 'upsert',
  update: 'update',
  increment: 'update',
  decrement: 'update',
  updateFrom: 'update',
  insertAndFetch: 'insert',
  insertGraph: 'insert',
  insertGraphAndFetch: 'insert',
  upsertGraph: 'upsert',
  upsertGraphAndFetch: 'upsert',
  patch: 'update',
  patchAndFetch: 'update',
  patchAndFetchById: 'update',
  updateAndFetch: 'update',
  updateAndFetchById: 'update',
  deleteById: 'delete',
  del: 'delete',
  delete: 'delete',
  truncate: 'truncate',
}
const READS =
  /^(find(ByIds?|One)|resultSize|select|columns?|first|pluck|distinct(On)?|count(Distinct)?|min|max|(sum|avg)(Distinct)?|rank|denseRank|rowNumber|jsonExtract)$/

/**
 * What is said after a builder has been put into a variable holds for all that goes on from there. So each way from the
 * head to an end is a statement; ways that say no operation (`query.where(…)` under an `if`) belong to all others.
 */
function statementsOf(head: Head): Map<Operation, Set<Step>> {
  const statements = new Map<Operation, Set<Step>>()
  const loose: Step[] = []
  for (const chain of head.chains) {
    if (chain.extended) continue
    const steps = stepsOf(chain)
    const operation = operationOf(steps)
    if (operation === null) loose.push(...steps)
    else statements.set(operation, new Set([...(statements.get(operation) ?? []), ...steps]))
  }
  if (statements.size === 0) statements.set('select', new Set())
  for (const steps of statements.values()) for (const step of loose) steps.add(step)
  return statements
}

function operationOf(steps: readonly Step[]): Operation | null {
  const writes = steps.flatMap(({ method }) => WRITES[method] ?? [])
  if (writes.includes('upsert')) return 'upsert'
  return writes[0] ?? (steps.some(({ method }) => READS.test(method)) ? 'select' : null)
}

function compileStatement(compiler: Compiler, { key }: Head, operation: Operation, steps: ReadonlySet<Step>): Query {
  const query = makeQuery(null)
  const statement: Statement = {
    query,
    operation,
    key: key.length > 0 ? key : ['id'],
    target: null,
    nest(builder) {
      const queries = compiler.compile(builder.head)
      for (const inner of queries) if (inner !== query) inner.parent ??= query
      return queries
    },
    applyPart(value) {
      for (const builder of allOf(value, 'builder')) applyPart(statement, builder.head)
    },
  }
  for (const step of steps) addTables(statement, step)
  for (const step of steps) applyStep(statement, step)
  if (operation === 'select' && query.outputs.length === 0) {
    query.outputs.push({ name: null, terms: [{ is: 'star', of: null }] })
    use(query, 'read', [{ is: 'star', of: null }])
  }
  return query
}

function applyPart(statement: Statement, head: Head): void {
  for (const chain of head.chains) if (!chain.extended) for (const step of stepsOf(chain)) applyStep(statement, step)
}

/** Tables come first, so that the target is known to all others. */
function addTables(statement: Statement, step: Step): void {
  const { query, operation } = statement
  const isTarget = ['from', 'table', 'into'].includes(step.method)
  for (const { name, access } of step.tables) {
    const isWritten = isTarget && operation !== 'select' && statement.target === null
    const own = access.operation === null ? access.derive(isWritten ? operation : 'select') : access
    if (isWritten) statement.target = own
    const source = tableSource(name, own)
    if (isWritten) query.sources.unshift(source)
    else addSource(query, source)
  }
  if (step.tables.length === 0 && step.args[0] && (isTarget || step.method.toLowerCase().endsWith('join')))
    addQuerySource(statement, step, step.args[0])
}

/** `from(query.as('q'))`, `from(function () { … })`, `from(raw('… as q'))`. */
function addQuerySource(statement: Statement, step: Step, value: Value): void {
  for (const atom of atomsOf(value)) {
    const of = knexOf(atom)
    if (of?.is === 'builder') {
      for (const inner of statement.nest(of)) {
        inner.beside = true
        addSource(statement.query, querySource(aliasesOf(of), inner))
      }
    } else if (of?.is === 'raw' && statement.operation === 'insert') writeRaw(of)
    else if (of?.is === 'raw') statement.query.joins.push({ text: [words(', '), ...of.text], site: step.site })
  }
}

/** `into(raw('?? (??, ??)', ['posts', 'id', 'title']))` */
function writeRaw({ site, text, use: { transaction } }: RawOf): void {
  openSql(site, [words('insert into '), ...text, words(' select')], { transaction })
}

function aliasesOf({ head }: BuilderOf): string[] {
  return [...head.chains].flatMap(({ step }) => (step?.method === 'as' ? textsOf(step.args[0]).texts : []))
}
