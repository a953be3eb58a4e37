import type { CatalogTable } from '../catalog/types.ts'
import { COMPAT, CONTROL } from '../lib/schema-names.ts'
import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, Relation } from '../spec/mapping.ts'
import { closedFunctionStatement } from './closed.ts'
import { ownSequenceStatements } from './move.ts'
import { compatView, display, lineageTable, onePerTable, recordFunction, relation, stateFunction } from './names.ts'
import { planSync } from './plan.ts'
import { reverseTriggerStatements } from './reverse.ts'
import type { Statement } from './statement.ts'

/** What was put off when the new tables were built, and comes alive now. */
export interface PutOff {
  readonly table: Relation
  readonly kind: 'foreign key' | 'trigger'
  readonly name: string
  /** pg_get_constraintdef, for foreign keys. */
  readonly definition: string
}

/** What goes to the archive. */
export interface Leaving extends Relation {
  readonly comment: string | null
}

export interface FinishInput {
  readonly mapping: Mapping
  readonly oldTables: readonly Leaving[]
  /** Views that the mapping names as sources. */
  readonly oldViews: readonly Leaving[]
  readonly putOff: readonly PutOff[]
  /** `archived_schema_YYYYMMDD` */
  readonly archive: string
  /** What the comment on each archived table says of when and by whom. */
  readonly note: string
  /** Views and foreign keys made anew over the new tables, and what rollback is to put back; before the old tables leave. */
  readonly repoint: readonly Statement[]
  /** The user's own script; after they have left. */
  readonly also: string | null
  /** Tables that stay, whose foreign keys change. */
  readonly staying: readonly Relation[]
  /** Foreign keys that a rollback checks again. */
  readonly restored: readonly Validation[]
}

/** A foreign key whose rows are checked when a transaction is over. */
export interface Validation {
  readonly table: Relation
  readonly name: string
}

/** All that one short transaction does: sync ends, and the old tables leave for the archive. */
export function planFinish(input: FinishInput): Statement[] {
  const { mapping, oldTables, archive } = input
  const targets = [...new Map(mapping.targets.map((t) => [display(t.relation), t.relation])).values()]
  const locked = [...input.staying, ...oldTables, ...targets]
  const endOfSync = [
    ...mapping.targets.flatMap((t) => reverseTriggerStatements(mapping, t)),
    ...planSync(mapping).toReversed(),
    ...onePerTable(mapping.targets).map((t) => closedFunctionStatement(mapping, t)),
  ]
  return [
    step(
      'outbox-before',
      sql`DO ${literal(OUTBOX_EMPTY)}`,
      'none',
      'nobody is made to wait for what would fail anyway',
    ),
    step(
      'lock',
      sql`LOCK TABLE ${join(locked.map(relation))} IN ACCESS EXCLUSIVE MODE`,
      'ACCESS EXCLUSIVE',
      'nobody writes while sides are parted; readers wait for this transaction alone',
    ),
    step('outbox', sql`DO ${literal(OUTBOX_EMPTY)}`, 'none', 'nothing may be on its way when sync ends'),
    ...endOfSync.flatMap((s) => (s.undo === null ? [] : [step(`end:${s.id}`, s.undo, s.lock.mode, 'sync ends')])),
    ...mapping.targets.flatMap((t) => [
      ...t.sources.map((s) =>
        step(
          `compat:${display(s.relation)}`,
          sql`DROP VIEW IF EXISTS ${compatView(s)}`,
          'ACCESS EXCLUSIVE',
          'reads use the new names',
        ),
      ),
      step(
        `lineage:${t.name}`,
        sql`DROP TABLE IF EXISTS ${lineageTable(t)}`,
        'ACCESS EXCLUSIVE',
        'nothing asks any more where a row came from',
      ),
      ...ownSequenceStatements(t),
    ]),
    step('api-state', sql`DROP FUNCTION IF EXISTS ${stateFunction()}(text)`, 'none', 'clients over HTTP stop asking'),
    step('api-record', sql`DROP FUNCTION IF EXISTS ${recordFunction()}(text)`, 'none', 'servers stop telling of reads'),
    ...mapping.indexes.map((index) =>
      step(
        `key-index:${index.name}`,
        sql`DROP INDEX IF EXISTS ${ident(index.table.schema, index.name)}`,
        'ACCESS EXCLUSIVE',
        "Crossfade's own index",
      ),
    ),
    ...input.restored.map(checkAgain),
    ...input.repoint,
    step(
      'archive',
      sql`CREATE SCHEMA IF NOT EXISTS ${ident(archive)};
COMMENT ON SCHEMA ${ident(archive)} IS ${literal(input.note)};
REVOKE ALL ON SCHEMA ${ident(archive)} FROM PUBLIC`,
      'none',
      'the old tables are kept, where no application looks',
    ),
    ...input.oldViews.flatMap((view) => archiveSteps(view, 'VIEW', archive, input.note)),
    ...oldTables.flatMap((table) => archiveSteps(table, 'TABLE', archive, input.note)),
    ...input.putOff.map(comeAlive),
    ...(input.also === null
      ? []
      : [
          step(
            'also',
            sql`SET LOCAL search_path = ${ident(mapping.oldSchema)};
${raw(input.also.trim().replace(/;$/, ''))}`,
            'none',
            'your own script (finish.also), which makes anew what only you can',
          ),
        ]),
    step(
      'new-schema',
      sql`DROP SCHEMA IF EXISTS ${ident(mapping.newSchema)}`,
      'none',
      'it is empty since the new tables moved',
    ),
    step(
      'clients',
      sql`UPDATE ${ident(CONTROL, 'migration')} SET read_percent = 0, native_open = false, in_sync = false, stage = 'finish';
SELECT ${ident(CONTROL, 'announce')}()`,
      'none',
      `clients stop routing; ${COMPAT} is empty`,
    ),
  ]
}

/** Id of the step that is the user's script: it is run statement by statement, for its line numbers. */
export const ALSO = 'finish:also'

const OUTBOX_EMPTY = `BEGIN
  IF EXISTS (SELECT FROM crossfade.outbox) THEN
    RAISE EXCEPTION 'keys are waiting in the outbox' USING ERRCODE = '40001';
  END IF;
END`

function archiveSteps(r: Leaving, kind: 'TABLE' | 'VIEW', archive: string, note: string): Statement[] {
  const word = kind === 'TABLE' ? sql`TABLE` : sql`VIEW`
  const lock = { mode: 'ACCESS EXCLUSIVE' as const, on: display(r) }
  return [
    {
      id: `comment:${display(r)}`,
      sql: sql`COMMENT ON ${word} ${relation(r)} IS ${literal(note)}`,
      undo: sql`COMMENT ON ${word} ${relation(r)} IS ${literal(r.comment)}`,
      lock: { ...lock, mode: 'SHARE UPDATE EXCLUSIVE' },
      transactional: true,
      why: 'who finds it in the archive knows what it was',
    },
    {
      id: `archive:${display(r)}`,
      sql: sql`ALTER ${word} ${relation(r)} SET SCHEMA ${ident(archive)}`,
      undo: sql`ALTER ${word} IF EXISTS ${ident(archive, r.name)} SET SCHEMA ${ident(r.schema)}`,
      lock,
      transactional: true,
      why: 'kept with all its rows, rights and triggers; it can be brought back',
    },
  ]
}

/** A foreign key NOT VALID holds for every write from now on; the rows that are there are checked afterwards, beside everybody. */
function comeAlive(p: PutOff): Statement {
  const table = relation(p.table)
  return p.kind === 'trigger'
    ? step(
        `trigger:${display(p.table)}.${p.name}`,
        sql`ALTER TABLE ${table} ENABLE TRIGGER ${ident(p.name)}`,
        'SHARE ROW EXCLUSIVE',
        "the old tables' triggers are gone; the new table's act from now on",
      )
    : step(
        `foreign-key:${display(p.table)}.${p.name}`,
        sql`ALTER TABLE ${table} ADD CONSTRAINT ${ident(p.name)} ${raw(p.definition)} NOT VALID`,
        'SHARE ROW EXCLUSIVE',
        'holds for every write from now on',
      )
}

/** After the transaction: the rows that are there, with a lock that lets everybody write. */
export function planValidation(foreignKeys: readonly Validation[]): Statement[] {
  return foreignKeys.map((f) =>
    step(
      `validate:${display(f.table)}.${f.name}`,
      validate(f),
      'SHARE UPDATE EXCLUSIVE',
      'the rows that are there, while everybody goes on writing',
    ),
  )
}

function validate(f: Validation): Sql {
  return sql`ALTER TABLE ${relation(f.table)} VALIDATE CONSTRAINT ${ident(f.name)}`
}

/** Undos with this id are for after the transaction of a rollback, and may fail: rows that came after finish have no old row. */
export const CHECK_AGAIN = 'check-again:'

function checkAgain(f: Validation): Statement {
  return {
    id: `${CHECK_AGAIN}${display(f.table)}.${f.name}`,
    sql: sql`SELECT 1`,
    undo: validate(f),
    lock: { mode: 'none', on: null },
    transactional: true,
    why: 'after a rollback its rows are checked, where they all have an old row still',
  }
}

/** Takes the application's rights on the old tables away, for a rehearsal; the undo gives exactly them back. */
export function planRehearsal(tables: readonly CatalogTable[]): Statement[] {
  return tables.flatMap((table) =>
    table.grants.map((grant) => {
      const on = ident(table.schema, table.name)
      const column = grant.column === null ? sql`` : sql` (${ident(grant.column)})`
      const role = grant.role === 'PUBLIC' ? sql`PUBLIC` : ident(grant.role)
      const right = sql`${privilege(grant.privilege)}${column} ON ${on}`
      return {
        id: `rehearse:${table.schema}.${table.name}:${grant.role}:${grant.privilege}:${grant.column ?? ''}`,
        sql: sql`REVOKE ${right} FROM ${role}`,
        undo: sql`GRANT ${right} TO ${role}${grant.grantable ? sql` WITH GRANT OPTION` : sql``}`,
        lock: { mode: 'none' as const, on: null },
        transactional: true,
        why: `${grant.role} would find out now, not after, that it still uses ${table.name}`,
      }
    }),
  )
}

function privilege(name: string): Sql {
  const words: { readonly [name: string]: Sql } = {
    SELECT: sql`SELECT`,
    INSERT: sql`INSERT`,
    UPDATE: sql`UPDATE`,
    DELETE: sql`DELETE`,
    TRUNCATE: sql`TRUNCATE`,
    REFERENCES: sql`REFERENCES`,
    TRIGGER: sql`TRIGGER`,
    MAINTAIN: sql`MAINTAIN`,
  }
  const word = words[name]
  if (!word) throw new Error(`unknown privilege ${name}`)
  return word
}

function step(id: string, text: Sql, mode: Statement['lock']['mode'], why: string): Statement {
  return { id: `finish:${id}`, sql: text, undo: null, lock: { mode, on: null }, transactional: true, why }
}
