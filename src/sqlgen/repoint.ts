import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import { parseExpression } from '../spec/expression.ts'
import type { Mapping, Relation, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { replaceTables } from '../spec/old-names.ts'
import { keepsIdentity } from '../spec/types-fit.ts'
import { display, relation } from './names.ts'
import type { Statement } from './statement.ts'

/** What hangs on the old tables and can follow them to the new ones at finish. */

export interface OldView extends Relation {
  /** As the server prints it, with every name qualified. */
  readonly query: string
  /** pg_class.reloptions: `security_invoker=true`. */
  readonly options: readonly string[]
  readonly writable: boolean
  /** Columns of old tables that it reads. */
  readonly uses: readonly (Relation & { readonly column: string })[]
}

export interface ForeignKey {
  readonly table: Relation
  readonly name: string
  readonly columns: readonly string[]
  readonly references: Relation
  readonly referenced: readonly string[]
  /** pg_get_constraintdef, with every name qualified. */
  readonly definition: string
  /** MATCH, ON UPDATE, ON DELETE and DEFERRABLE. */
  readonly clauses: string
  readonly comment: string | null
  readonly validated: boolean
  /** What a new one can't be made with, in words; null where nothing speaks against it. */
  readonly special: string | null
}

export type Planned =
  | { readonly statement: Statement; readonly problem: null }
  | { readonly statement: null; readonly problem: string }

/** The view's query with the new tables in the old ones' places and shape. Call `loadParser()` before. */
export function planView(m: Mapping, tables: readonly CatalogTable[], view: OldView): Planned {
  const shapes = new Map<string, Shape | string>()
  const shapeOf = (old: Relation): Shape | string => {
    const found = shapes.get(key(old)) ?? readShape(m, tables, old)
    shapes.set(key(old), found)
    return found
  }
  for (const used of view.uses) {
    const shape = shapeOf(used)
    if (typeof shape === 'string') return problem(shape)
    if (shape.missing.includes(used.column))
      return problem(`it uses ${display(used)}.${used.column}, which no column of ${display(shape.target)} gives back`)
  }
  const reads: string[] = []
  const replaced = replaceTables(view.query.replace(/;\s*$/, ''), (old, whole) => {
    if (!isOld(m, old)) return null
    const shape = shapeOf(old)
    if (typeof shape === 'string') return { problem: shape }
    if (whole && shape.missing.length > 0)
      return {
        problem: `it uses whole rows of ${display(old)}, and the new row can't give back ${shape.missing.join(', ')}`,
      }
    reads.push(`${display(shape.target)} in the shape of ${display(old)}`)
    // A column that isn't used would ask for a right to it all the same.
    const used = view.uses.filter((u) => key(u) === key(old)).map((u) => u.column)
    const columns = shape.columns.filter((column) => whole || used.includes(column.name)).map((column) => column.sql)
    return { sql: sql`(SELECT ${join(columns)} FROM ${relation(shape.target)} AS ${ident(shape.target.name)})`.text }
  })
  if ('problem' in replaced) return problem(replaced.problem)
  const create = (query: string): Sql =>
    sql`CREATE OR REPLACE VIEW ${relation(view)}${optionsOf(view)} AS
${raw(query)}`
  const writes = view.writable ? ' Nobody can write through it any more.' : ''
  return {
    problem: null,
    statement: {
      id: `repoint:view:${display(view)}`,
      sql: create(replaced.query),
      undo: create(view.query.replace(/;\s*$/, '')),
      lock: { mode: 'ACCESS EXCLUSIVE', on: display(view) },
      transactional: true,
      why: `it reads ${[...new Set(reads.toReversed())].join(' and ')}: all rows of the new table appear, also those that this old table never had, and none that was left out or is in the journal.${writes}`,
    },
  }
}

function optionsOf(view: OldView): Sql {
  if (view.options.length === 0) return sql``
  const options = view.options.map((option) => {
    const at = option.indexOf('=')
    return sql`${ident(option.slice(0, at))} = ${literal(option.slice(at + 1))}`
  })
  return sql` WITH (${join(options)})`
}

interface Shape {
  readonly target: Relation
  readonly columns: readonly { readonly name: string; readonly sql: Sql }[]
  /** Columns that the new row can't give back. */
  readonly missing: readonly string[]
}

/** The old table's columns over the new one's row; or why there are none. */
function readShape(m: Mapping, tables: readonly CatalogTable[], old: Relation): Shape | string {
  const feeding = findFeeding(m, old)
  if (typeof feeding === 'string') return feeding
  const { t, s } = feeding
  const table = findTable(tables, old)
  const target = findTable(tables, t.relation)
  if (!table || !target) return `${display(old)} isn't there`
  const own = new Set(target.columns.map((column) => column.name))
  const bare = bareColumns(t, s)
  const columns = table.columns.flatMap((column) => {
    const back = s.back.find((b) => b.name === column.name)
    // Nobody writes these, so the mapping has no way back for them; the new row may have them all the same.
    const unwritten = column.generated !== null || column.identity === 'always'
    const same = unwritten ? target.columns.find((c) => c.name === bare.get(column.name)?.[0]) : undefined
    const expression =
      back && parseExpression(back.back, display(old)).columns.every((name) => own.has(name))
        ? raw(back.back)
        : same && keepsIdentity(column, same.baseType)
          ? ident(t.relation.name, same.name)
          : null
    return expression === null ? [] : [{ name: column.name, sql: inShape(expression, column) }]
  })
  const missing = table.columns.map((column) => column.name).filter((name) => !columns.some((c) => c.name === name))
  return { target: t.relation, columns, missing }
}

function inShape(expression: Sql, column: CatalogColumn): Sql {
  const collation = column.collation === null ? sql`` : sql` COLLATE ${raw(column.collation)}`
  return sql`(${expression})::${raw(column.type)}${collation} AS ${ident(column.name)}`
}

/** The foreign key of a table that stays, to the new table; under its name, and to be validated afterwards. */
export function planForeignKey(m: Mapping, tables: readonly CatalogTable[], f: ForeignKey): Planned {
  const feeding = findFeeding(m, f.references)
  if (typeof feeding === 'string') return problem(feeding)
  if (f.special !== null) return problem(f.special)
  const { t, s } = feeding
  const old = findTable(tables, f.references)
  const target = findTable(tables, t.relation)
  if (!old || !target) return problem(`${display(f.references)} isn't there`)
  const bare = bareColumns(t, s)
  const columns: string[] = []
  for (const name of f.referenced) {
    const from = old.columns.find((column) => column.name === name)
    if (!from) return problem(`${display(f.references)} has no ${name}`)
    const to = target.columns.find((c) => bare.get(name)?.includes(c.name) && keepsIdentity(from, c.baseType))
    if (!to) return problem(whyNoColumn(from, target, fedBy(t, s, name)))
    columns.push(to.name)
  }
  const unique = target.indexes.some(
    (index) =>
      index.unique &&
      index.valid &&
      index.immediate &&
      index.predicate === null &&
      index.columns.length === columns.length &&
      columns.every((name) => index.columns.includes(name)),
  )
  if (!unique) return problem(`nothing makes ${columns.join(', ')} unique in ${display(t.relation)}`)
  const add = sql`ADD CONSTRAINT ${ident(f.name)} FOREIGN KEY (${names(f.columns)}) REFERENCES ${relation(t.relation)} (${names(columns)}) ${raw(f.clauses)} NOT VALID`
  return {
    problem: null,
    statement: {
      id: `repoint:foreign-key:${display(f.table)}.${f.name}`,
      sql: sql`ALTER TABLE ${relation(f.table)} DROP CONSTRAINT ${ident(f.name)}, ${add}${commentOn(f)}`,
      undo: sql`ALTER TABLE ${relation(f.table)} DROP CONSTRAINT IF EXISTS ${ident(f.name)};
${addOld(f)}`,
      lock: { mode: 'ACCESS EXCLUSIVE', on: display(f.table) },
      transactional: true,
      why: `it references ${display(t.relation)}; the rows that are there are checked afterwards`,
    },
  }
}

function whyNoColumn(from: CatalogColumn, target: CatalogTable, fed: readonly string[]): string {
  const to = target.columns.find((column) => fed.includes(column.name))
  if (!to) return `no column of ${display(target)} holds ${from.name}`
  return to.baseType === from.baseType
    ? `${display(target)}.${to.name} is computed from ${from.name}`
    : `${from.name} is ${from.type}, and ${display(target)}.${to.name} is ${to.type}`
}

/** A row in the archive must neither hold up a delete in a table that stays, nor be deleted by it. */
export function releaseForeignKey(f: ForeignKey): Statement {
  return {
    id: `release:foreign-key:${display(f.table)}.${f.name}`,
    sql: sql`ALTER TABLE ${relation(f.table)} DROP CONSTRAINT ${ident(f.name)}`,
    undo: addOld(f),
    lock: { mode: 'ACCESS EXCLUSIVE', on: display(f.references) },
    transactional: true,
    why: `a row in the archive holds up no delete in ${display(f.references)}, and doesn't go with it`,
  }
}

/** NOT VALID, since the old table may lack rows that came after finish. */
export function addOld(f: ForeignKey): Sql {
  return sql`ALTER TABLE ${relation(f.table)} ADD CONSTRAINT ${ident(f.name)} ${raw(f.definition)}${f.validated ? sql` NOT VALID` : sql``}${commentOn(f)}`
}

function commentOn(f: ForeignKey): Sql {
  return f.comment === null
    ? sql``
    : sql`;
COMMENT ON CONSTRAINT ${ident(f.name)} ON ${relation(f.table)} IS ${literal(f.comment)}`
}

/** Rows that a foreign key would find without the row that they reference. */
export function countOrphans(f: ForeignKey, references: CatalogTable | undefined): Sql {
  const equal = f.columns.map((column, i) => {
    const other = f.referenced[i] ?? ''
    const schema = references?.columns.find((c) => c.name === other)?.equalitySchema ?? 'pg_catalog'
    return sql`p.${ident(other)} OPERATOR(${ident(schema)}.=) c.${ident(column)}`
  })
  const filled = f.columns.map((column) => sql`c.${ident(column)} IS NOT NULL`)
  return sql`SELECT count(*) AS rows FROM ${relation(f.table)} AS c
 WHERE ${join(filled, ' AND ')} AND NOT EXISTS (SELECT FROM ${relation(f.references)} AS p WHERE ${join(equal, ' AND ')})`
}

/** Old column → new columns that hold its value as it is, or under one cast. */
function bareColumns(t: TargetMapping, s: SourceMapping): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>()
  for (const { column, expression } of expressionsOf(t, s)) {
    const { column: old } = parseExpression(expression, column)
    if (old !== null) found.set(old, [...(found.get(old) ?? []), column])
  }
  return found
}

/** New columns that are computed from this old one, in whatever way. */
function fedBy(t: TargetMapping, s: SourceMapping, old: string): string[] {
  return expressionsOf(t, s)
    .filter(({ column, expression }) => parseExpression(expression, column).columns.includes(old))
    .map(({ column }) => column)
}

/** What is found through a link is no expression over the row alone; what tells an append's rows apart is in no new column. */
function expressionsOf(t: TargetMapping, s: SourceMapping): { column: string; expression: string }[] {
  const linked = new Set(s.links.map((link) => link.column))
  const keys = t.kind === 'merge' && !linked.has(null) ? t.key : []
  return [
    ...keys.map((k, i) => ({ column: k.name, expression: s.key[i] ?? 'NULL' })),
    ...s.feeds
      .filter((feed) => !linked.has(feed.column))
      .map((feed) => ({ column: feed.column, expression: feed.from })),
  ]
}

function findFeeding(m: Mapping, old: Relation): { t: TargetMapping; s: SourceMapping } | string {
  const found = m.targets.flatMap((t) =>
    t.sources.filter((s) => !s.stub && key(s.relation) === key(old)).map((s) => ({ t, s })),
  )
  const [first, second] = found
  if (!first) return `${display(old)} feeds the new tables only through a view`
  return second ? `${display(old)} feeds several new tables` : first
}

function isOld(m: Mapping, r: Relation): boolean {
  return m.targets.some((t) => t.sources.some((s) => key(s.relation) === key(r) || key(s.base) === key(r)))
}

function findTable(tables: readonly CatalogTable[], r: Relation): CatalogTable | undefined {
  return tables.find((table) => key(table) === key(r))
}

function names(columns: readonly string[]): Sql {
  return join(columns.map((column) => ident(column)))
}

function key(r: Relation): string {
  return JSON.stringify([r.schema, r.name])
}

function problem(text: string): Planned {
  return { statement: null, problem: text }
}
