import type pg from 'pg'
import { withSearchPath } from '../catalog/search-path.ts'
import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import { addOld } from '../sqlgen/repoint.ts'
import type { Statement } from '../sqlgen/statement.ts'
import { accessQuery, indexesQuery, policyQuery } from './dependents.sql.ts'
import type { Hanging } from './dependents.ts'

/**
 * What puts back, as it is now, each thing that the user's own script will make anew: statements that do nothing, with
 * an undo. A column of a row type and a publication have none.
 */
export async function planPutBack(client: pg.ClientBase, hanging: readonly Hanging[]): Promise<Statement[]> {
  return await withSearchPath(client, 'pg_catalog', async () => {
    const statements: Statement[] = []
    // Undone from the end: functions come first, since views may call them.
    const functionsLast = [...hanging].sort((a, b) => Number(isFunction(a)) - Number(isFunction(b)))
    for (const one of functionsLast) {
      const undo = await readDefinition(client, one)
      if (undo === null) continue
      statements.push({
        id: `keep:${one.what}`,
        sql: sql`SELECT 1`,
        undo,
        lock: { mode: 'none', on: null },
        transactional: true,
        why: 'rollback makes it again as it is now',
      })
    }
    return statements
  })
}

function isFunction({ dependent }: Hanging): boolean {
  return dependent.kind === 'function' || dependent.kind === 'function (by text)'
}

async function readDefinition(client: pg.ClientBase, one: Hanging): Promise<Sql | null> {
  const { kind, schema, name, table, definition } = one.dependent
  const rows = async (query: string, values: (string | null)[]): Promise<Sql[]> =>
    (await client.query<{ sql: string }>(query, values)).rows.map((row) => raw(row.sql))
  const script = (...parts: Sql[]): Sql => join(parts, ';\n')
  switch (kind) {
    case 'function':
    case 'function (by text)':
      if (definition === '') return null
      return script(raw(definition.trimEnd()), ...(await rows(accessQuery, [schema, name, one.dependent.arguments])))
    case 'view': {
      const { rows: options } = await client.query<{ options: string | null }>(
        /* sql */ `SELECT (SELECT string_agg(format('%I = %L', o.option_name, o.option_value), ', ') FROM pg_options_to_table(c.reloptions) AS o) AS options
                     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`,
        [schema, name],
      )
      const given = options[0]?.options ? sql` WITH (${raw(options[0].options)})` : sql``
      const create = sql`CREATE OR REPLACE VIEW ${ident(schema, name)}${given} AS
${query(definition)}`
      return script(create, ...(await rows(accessQuery, [schema, name, null])))
    }
    case 'materialized view':
      return script(
        sql`DROP MATERIALIZED VIEW IF EXISTS ${ident(schema, name)}`,
        sql`CREATE MATERIALIZED VIEW ${ident(schema, name)} AS
${query(definition)}`,
        ...(await rows(indexesQuery, [schema, name])),
        ...(await rows(accessQuery, [schema, name, null])),
      )
    case 'rule':
      return script(sql`DROP RULE IF EXISTS ${ident(name)} ON ${ident(schema, table ?? '')}`, query(definition))
    case 'policy':
      return script(
        sql`DROP POLICY IF EXISTS ${ident(name)} ON ${ident(schema, table ?? '')}`,
        ...(await rows(policyQuery, [schema, table, name])),
      )
    case 'foreign key':
      if (one.foreignKey === null) return null
      return script(
        sql`ALTER TABLE ${ident(schema, table ?? '')} DROP CONSTRAINT IF EXISTS ${ident(name)}`,
        addOld(one.foreignKey),
      )
    default:
      return null
  }
}

function query(definition: string): Sql {
  return raw(definition.trimEnd().replace(/;$/, ''))
}
