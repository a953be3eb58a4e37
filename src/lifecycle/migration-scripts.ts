import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import { readArtifacts } from '../control/approvals.ts'
import type { FinishScript } from '../control/kept-migration.ts'
import type { Project } from '../control/project.ts'
import { transaction } from '../db/transaction.ts'
import { ident, raw, type Sql, sql } from '../lib/sql.ts'
import { readDdl } from '../spec/ddl-statements.ts'
import { loadParser } from '../spec/expression.ts'
import type { Mapping, Relation } from '../spec/mapping.ts'
import { splitScript } from '../spec/old-names.ts'
import { relocateNames } from '../spec/relocate.ts'
import { writeAccessStatements } from '../sqlgen/access.ts'
import { planValidation } from '../sqlgen/finish.ts'
import { describeMigration, planFinishMigration, planRights, type Right, underSearchPath } from '../sqlgen/migration.ts'
import { onePerTable } from '../sqlgen/names.ts'
import { lookupIn } from './build.ts'
import type { FinishPlan } from './finish-plan.ts'
import { createPolicy } from './row-security.ts'

/**
 * The new tables as a migration, in the schema where they will be in the end: the DDL that was approved, the policies that
 * were carried over, and the rights that they have from `move` on. Changes nothing.
 */
export async function readTablesScript(session: pg.Client, project: Project, mapping: Mapping): Promise<string[]> {
  const { oldSchema } = mapping
  const own = await readTablesPart(session, project, mapping)
  const path = await readSearchPath(session, oldSchema)
  return annotate(describeMigration(relationsOf(mapping), null), underSearchPath(path, own))
}

/** What a finish does to the application's own objects, as a migration; the new tables beside it, for a folder that hasn't them yet. */
export async function readFinishScript(
  session: pg.Client,
  project: Project,
  mapping: Mapping,
  prepared: FinishPlan,
): Promise<FinishScript> {
  const { plan, oldTables, archive } = prepared
  const repointed = plan.filter((s) => s.id.startsWith('repoint:foreign-key:')).map((s) => s.id)
  const validate = planValidation(
    prepared.validate.filter((v) =>
      repointed.includes(`repoint:foreign-key:${v.table.schema}.${v.table.name}.${v.name}`),
    ),
  )
  const also = project.also ? splitScript(project.also.text, project.also.path).map(({ text }) => text) : []
  const finish = planFinishMigration({ plan, oldTables, oldViews: mapping.views, archive, also, validate })
  const path = await readSearchPath(session, mapping.oldSchema)
  const note = describeMigration(relationsOf(mapping), oldTables)
  return {
    tables: annotate(note, underSearchPath(path, [...(await readTablesPart(session, project, mapping)), ...finish])),
    finish: annotate(note, underSearchPath(path, finish)),
  }
}

function relationsOf(mapping: Mapping): Relation[] {
  return onePerTable(mapping.targets).map((t) => ({ schema: mapping.oldSchema, name: t.relation.name }))
}

function annotate(note: string, statements: readonly Sql[]): string[] {
  return statements.map(({ text }, i) => (i === 0 ? `-- ${note}\n${text}` : text))
}

async function readTablesPart(session: pg.Client, project: Project, mapping: Mapping): Promise<Sql[]> {
  await loadParser()
  const { oldSchema, newSchema } = mapping
  const approved = (await readArtifacts(session, 'design')).find(({ name }) => name === 'NEW_PERFECT_SCHEMA.sql')
  const ddl = readDdl(approved?.content ?? project.ddl)
  const here = mapping.targets[0]?.relation.schema ?? newSchema
  const { tables } = await readCatalog(session, [...new Set([oldSchema, here])])
  const made = tables.filter((table) => table.schema === here && ddl.relations.includes(table.name))
  const policies = made.flatMap((table) => {
    const name = ident(oldSchema, table.name)
    const carried = table.policies.filter(
      (policy) => !ddl.policies.some((one) => one.table === table.name && one.name === policy.name),
    )
    if (!table.rowSecurity && carried.length === 0) return []
    const moved = (text: string | null): string | null => (text === null ? null : relocateNames(text, here, oldSchema))
    return [
      ...(table.rowSecurity ? [sql`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`] : []),
      ...(table.forceRowSecurity ? [sql`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`] : []),
      ...carried.map((p) => createPolicy(name, { ...p, using: moved(p.using), withCheck: moved(p.withCheck) })),
    ]
  })
  const rights = await readRights(session, mapping, tables, here, ddl.relations)
  const relations = ddl.relations.map((name) => ({ schema: oldSchema, name }))
  return [
    ...ddl.statements.map((text) => raw(text)),
    ...policies,
    planRights(
      relations,
      rights.map((right) => ({ ...right, on: { ...right.on, schema: oldSchema } })),
    ),
  ]
}

/** Before `move` with those to write, which are given on trial. */
async function readRights(
  session: pg.Client,
  mapping: Mapping,
  tables: Parameters<typeof lookupIn>[0],
  schema: string,
  names: readonly string[],
): Promise<Right[]> {
  class Undo extends Error {}
  let rights: Right[] = []
  try {
    await transaction(session, async () => {
      if (schema === mapping.newSchema) {
        await session.query(`SET LOCAL lock_timeout = '100ms'`)
        const given = onePerTable(mapping.targets).flatMap((t) => writeAccessStatements(mapping, t, lookupIn(tables)))
        for (const statement of given) await session.query(statement.sql.text)
      }
      rights = await queryRights(session, schema, names)
      throw new Undo()
    })
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
  return rights
}

async function queryRights(session: pg.Client, schema: string, names: readonly string[]): Promise<Right[]> {
  const { rows } = await session.query<Right & { name: string }>(
    /* sql */ `
    WITH own AS (
      SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = ANY ($2)
    ), relation AS (
      SELECT oid FROM own
      UNION
      SELECT d.objid FROM pg_depend AS d JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
       WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
         AND d.refobjid IN (SELECT oid FROM own)
    ), acl AS (
      SELECT c.oid, c.relowner AS owner, c.relacl AS acl, NULL::text AS "column" FROM pg_class AS c JOIN relation USING (oid)
      UNION ALL
      SELECT c.oid, c.relowner, a.attacl, a.attname::text FROM pg_attribute AS a
        JOIN relation ON relation.oid = a.attrelid JOIN pg_class AS c ON c.oid = a.attrelid WHERE NOT a.attisdropped
    )
    SELECT json_build_object('schema', n.nspname, 'name', c.relname) AS "on",
           CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
           CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee)::text END AS role,
           x.privilege_type AS privilege, acl."column", x.is_grantable AS grantable
      FROM acl JOIN pg_class AS c USING (oid) JOIN pg_namespace AS n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL aclexplode(acl.acl) AS x WHERE x.grantee <> acl.owner
     ORDER BY c.relname, role, privilege, acl."column"`,
    [schema, names],
  )
  return rows
}

async function readSearchPath(session: pg.Client, schema: string): Promise<string[]> {
  const { rows } = await session.query<{ schema: string }>(/* sql */ `
    SELECT DISTINCT n.nspname AS schema FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
     WHERE n.nspname <> 'pg_catalog' ORDER BY 1`)
  return [...new Set([schema, ...rows.map((row) => row.schema)])]
}
