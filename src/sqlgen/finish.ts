import type { CatalogTable } from '../catalog/types.ts'
import { COMPAT, CONTROL } from '../lib/schema-names.ts'
import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, Relation } from '../spec/mapping.ts'
import { closedFunctionStatement } from './closed.ts'
import { ownSequenceStatements } from './move.ts'
import { compatView, display, lineageTable, relation } from './names.ts'
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

export interface FinishInput {
  readonly mapping: Mapping
  readonly oldTables: readonly Relation[]
  readonly putOff: readonly PutOff[]
  /** `archived_schema_YYYYMMDD` */
  readonly archive: string
  /** What the comment on each archived table says of when and by whom. */
  readonly note: string
}

/** All that one short transaction does: sync ends, and the old tables leave for the archive. */
export function planFinish(input: FinishInput): Statement[] {
  const { mapping, oldTables, archive } = input
  const endOfSync = [
    ...mapping.targets.flatMap((t) => reverseTriggerStatements(t)),
    ...planSync(mapping).toReversed(),
    ...mapping.targets.map((t) => closedFunctionStatement(t)),
  ]
  return [
    step(
      'lock',
      sql`LOCK TABLE ${join([...oldTables, ...mapping.targets.map((t) => t.relation)].map(relation))} IN ACCESS EXCLUSIVE MODE`,
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
    ...mapping.indexes.map((index) =>
      step(
        `key-index:${index.name}`,
        sql`DROP INDEX IF EXISTS ${ident(index.table.schema, index.name)}`,
        'ACCESS EXCLUSIVE',
        "Crossfade's own index",
      ),
    ),
    step(
      'archive',
      sql`CREATE SCHEMA IF NOT EXISTS ${ident(archive)};
COMMENT ON SCHEMA ${ident(archive)} IS ${literal(input.note)};
REVOKE ALL ON SCHEMA ${ident(archive)} FROM PUBLIC`,
      'none',
      'the old tables are kept, where no application looks',
    ),
    ...mapping.views.map((view) => archiveStep(view, 'VIEW', archive, input.note)),
    ...oldTables.map((table) => archiveStep(table, 'TABLE', archive, input.note)),
    ...input.putOff.map(comeAlive),
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

const OUTBOX_EMPTY = `BEGIN
  IF EXISTS (SELECT FROM crossfade.outbox) THEN
    RAISE EXCEPTION 'keys are waiting in the outbox' USING ERRCODE = '40001';
  END IF;
END`

function archiveStep(r: Relation, kind: 'TABLE' | 'VIEW', archive: string, note: string): Statement {
  const word = kind === 'TABLE' ? sql`TABLE` : sql`VIEW`
  const archived = ident(archive, r.name)
  return {
    id: `archive:${display(r)}`,
    sql: sql`ALTER ${word} ${relation(r)} SET SCHEMA ${ident(archive)};
COMMENT ON ${word} ${archived} IS ${literal(note)}`,
    undo: sql`ALTER ${word} IF EXISTS ${archived} SET SCHEMA ${ident(r.schema)}`,
    lock: { mode: 'ACCESS EXCLUSIVE', on: display(r) },
    transactional: true,
    why: 'kept with all its rows, rights and triggers; it can be brought back',
  }
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
export function planValidation(putOff: readonly PutOff[]): Statement[] {
  return putOff
    .filter((p) => p.kind === 'foreign key')
    .map((p) =>
      step(
        `validate:${display(p.table)}.${p.name}`,
        sql`ALTER TABLE ${relation(p.table)} VALIDATE CONSTRAINT ${ident(p.name)}`,
        'SHARE UPDATE EXCLUSIVE',
        'the rows that are there, while everybody goes on writing',
      ),
    )
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
