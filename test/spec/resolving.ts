import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { readCatalog } from '../../src/catalog/read-catalog.ts'
import type { Catalog } from '../../src/catalog/types.ts'
import { installControl } from '../../src/control/install.ts'
import type { CrossfadeConfig } from '../../src/spec/config.ts'
import { loadParser } from '../../src/spec/expression.ts'
import { takeForeignKeys } from '../../src/spec/foreign-keys.ts'
import type { Mapping, TargetMapping } from '../../src/spec/mapping.ts'
import { resolveMapping } from '../../src/spec/resolve.ts'
import { keyIndexColumns } from '../../src/sqlgen/key-index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

export interface Resolved {
  readonly mapping: Mapping
  readonly catalog: Catalog
  unit(name: string): TargetMapping
  /** The value of one expression for each row of a source, in the order of its identity. */
  values(unit: string, source: number, expression: string): Promise<unknown[]>
  query(text: string): Promise<Record<string, unknown>[]>
}

export interface ResolveInput {
  readonly oldSql: string
  readonly newSql: string
  readonly tables: CrossfadeConfig['tables']
}

/** Resolves mappings on one database, each in a transaction that is rolled back. To be called once in a test file. */
export function useResolver(): <T>(input: ResolveInput, look: (resolved: Resolved) => Promise<T> | T) => Promise<T> {
  let db: TestDatabase
  let client: pg.PoolClient
  beforeAll(async () => {
    await loadParser()
    db = await createTestDatabase()
    client = await db.pool.connect()
    await client.query('begin')
    await installControl(client)
    await client.query('commit')
  })
  afterAll(async () => {
    client.release(true)
    await db.drop()
  })
  return async (input, look) => {
    await client.query('begin')
    try {
      await client.query(input.oldSql)
      await client.query('create schema new_schema')
      await client.query('set local search_path = new_schema, public')
      const ddl = takeForeignKeys(input.newSql, 'public')
      for (const { text } of ddl.statements) await client.query(text)
      await client.query('set local search_path = public')
      const catalog = await readCatalog(client, ['public', 'new_schema'])
      const mapping = resolveMapping({ schema: 'new.sql', tables: input.tables }, catalog, ddl.foreignKeys)
      await runEverything(client, mapping)
      const unit = (name: string): TargetMapping => {
        const found = mapping.targets.find((t) => t.name === name)
        if (!found) throw new Error(`no unit ${name}: ${mapping.targets.map((t) => t.name).join(', ')}`)
        return found
      }
      return await look({
        mapping,
        catalog,
        unit,
        query: async (text) => (await client.query<Record<string, unknown>>(text)).rows,
        values: async (name, source, expression) => {
          const s = unit(name).sources[source]
          if (!s) throw new Error(`${name} has no source ${source}`)
          const text = `select ${expression} as value from "${s.relation.schema}"."${s.relation.name}" as "${s.relation.name}" where ${s.where ?? 'true'} order by ${s.identity.map((c) => `"${c.name}"`).join()}`
          return (await client.query<{ value: unknown }>(text)).rows.map((row) => row.value)
        },
      })
    } finally {
      await client.query('rollback')
    }
  }
}

/** PostgreSQL takes every index and every expression of the mapping. */
async function runEverything(client: pg.PoolClient, mapping: Mapping): Promise<void> {
  for (const index of mapping.indexes) {
    await client.query(
      `create index "${index.name}" on "${index.table.schema}"."${index.table.name}" ${keyIndexColumns(index)}`,
    )
  }
  for (const t of mapping.targets) {
    for (const s of t.sources) {
      const selected = [...s.key, ...s.lookup, ...s.feeds.map((f) => f.from), ...s.extras.map((e) => e.sql)]
      await client.query(
        `explain select ${selected.join(', ')} from "${s.relation.schema}"."${s.relation.name}" as "${s.relation.name}" where ${s.where ?? 'true'}`,
      )
      const back = s.back.map((b) => `(${b.back})::${b.type}`)
      if (back.length > 0) {
        const { schema, name } = t.relation
        await client.query(`explain select ${back.join(', ')} from "${schema}"."${name}" as "${name}"`)
      }
    }
  }
}
