import { ident, join, literal, raw, sql } from '../lib/sql.ts'
import type { Mapping, SequenceColumn, TargetMapping } from '../spec/mapping.ts'
import { relocate } from '../spec/relocate.ts'
import { writeAccessStatements } from './access.ts'
import { closedTriggerStatement } from './closed.ts'
import { display, onePerTable, relation } from './names.ts'
import { type CatalogLookup, planNaming } from './plan.ts'
import { reverseTriggerStatements } from './reverse.ts'
import type { Statement } from './statement.ts'

/** An object of the new schema, with its name quoted by the server. */
export interface LooseObject {
  readonly kind: 'TABLE' | 'VIEW' | 'MATERIALIZED VIEW' | 'SEQUENCE' | 'TYPE' | 'DOMAIN' | 'ROUTINE'
  readonly name: string
  /** The name without its schema; of a routine with its arguments. */
  readonly bare: string
  readonly oid: number
}

/** Where they will be; of routines only so far as no argument has a type that moves, too. */
export function relocateLoose(moved: Mapping, objects: readonly LooseObject[]): LooseObject[] {
  return objects.map((object) => ({ ...object, name: `${ident(moved.oldSchema).text}.${object.bare}` }))
}

/** The new tables and all that was made with them go to the old schema, and every function names them there. */
export function planRelocation(m: Mapping, objects: readonly LooseObject[]): Statement[] {
  const moved = relocate(m, m.oldSchema)
  return [
    ...objects.map(
      (object): Statement => ({
        id: `relocate:${object.name}`,
        sql: sql`ALTER ${raw(object.kind)} ${raw(object.name)} SET SCHEMA ${ident(m.oldSchema)}`,
        undo: null,
        lock: { mode: 'ACCESS EXCLUSIVE', on: object.name },
        transactional: true,
        why: `code changes its names once, to ${m.oldSchema}`,
      }),
    ),
    ...moved.targets.flatMap((t) => planNaming(moved, t)),
  ]
}

/** After the relocation the new schema no longer takes these with it when it is dropped. */
export function planLooseUndo(objects: readonly LooseObject[]): Statement[] {
  return objects.map((object) => ({
    id: `loose:${object.name}`,
    sql: sql`SELECT 1`,
    undo:
      object.kind === 'TABLE'
        ? sql`SELECT crossfade.retire(n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(${literal(object.name)})`
        : sql`DROP ${raw(object.kind)} IF EXISTS ${raw(object.name)} CASCADE`,
    lock: { mode: 'ACCESS EXCLUSIVE', on: object.name },
    transactional: true,
    why: 'it came with the new schema, and goes with it',
  }))
}

/** Opens the new tables: the closed door goes, reverse sync comes, and rights to write are given. */
export function planMove(moved: Mapping, lookup: CatalogLookup): Statement[] {
  const first = onePerTable(moved.targets)
  return moved.targets.flatMap((t) => [
    ...t.sequences.map((s) => sequenceStatement(t, s)),
    ...(first.includes(t) ? [openDoor(t)] : []),
    ...reverseTriggerStatements(moved, t),
    ...(first.includes(t) ? writeAccessStatements(moved, t, lookup) : []),
  ])
}

function openDoor(t: TargetMapping): Statement {
  const closed = closedTriggerStatement(t)
  return {
    ...closed,
    id: `open:${t.relation.name}`,
    sql: sql`${closed.undo ?? raw('')}`,
    undo: closed.sql,
    why: `${display(t.relation)} opens for native writes`,
  }
}

/** How far ahead of the other side a sequence is set, where both can't draw from one. */
const ROOM = 1_000_000

/**
 * Both sides give numbers. Where the column holds an old sequence's numbers, the new table draws from that very
 * sequence; an identity column can't, so it is set ahead with room.
 */
function sequenceStatement(t: TargetMapping, s: SequenceColumn): Statement {
  const table = relation(t.relation)
  const column = ident(s.column)
  const shared = s.old !== null && s.identity === null
  const room = s.old === null ? 0 : ROOM
  const ahead = sql`SELECT setval(${literal(relation(s.own).text)}, greatest((SELECT coalesce(max(t.${column}), 0) + ${room} FROM ${table} AS t), (SELECT q.last_value FROM ${relation(s.own)} AS q)), true)`
  return {
    id: `sequence:${t.relation.name}.${s.column}`,
    sql:
      shared && s.old
        ? sql`ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT nextval(${literal(relation(s.old).text)})`
        : ahead,
    undo: shared
      ? sql`ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT ${raw(`nextval(${literal(relation(s.own).text).text})`)}`
      : null,
    lock: shared ? { mode: 'ACCESS EXCLUSIVE', on: display(t.relation) } : { mode: 'none', on: null },
    transactional: true,
    why: shared
      ? 'both sides draw their numbers from one sequence, so none is given twice'
      : 'the numbers that it gives from now on are free',
  }
}

/** At finish the new table draws from its own sequence again, from where the shared one stands. */
export function ownSequenceStatements(t: TargetMapping): Statement[] {
  return t.sequences.map((s) => {
    const table = relation(t.relation)
    const column = ident(s.column)
    const own = literal(relation(s.own).text)
    const max = sql`(SELECT coalesce(max(t.${column}), 0) FROM ${table} AS t)`
    const last = join([
      max,
      sql`(SELECT q.last_value FROM ${relation(s.own)} AS q)`,
      ...(s.old ? [sql`(SELECT q.last_value FROM ${relation(s.old)} AS q)`] : []),
    ])
    const back =
      s.old !== null && s.identity === null
        ? sql`;\nALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT nextval(${own})`
        : raw('')
    return {
      id: `own-sequence:${t.relation.name}.${s.column}`,
      sql: sql`SELECT setval(${own}, greatest(${last}), true)${back}`,
      undo: null,
      lock: { mode: 'ACCESS EXCLUSIVE', on: display(t.relation) },
      transactional: true,
      why: 'the old sequence goes with the old table',
    }
  })
}
