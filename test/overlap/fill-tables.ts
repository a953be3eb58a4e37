import type { TestDatabase } from '../support/database.ts'

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly drawn: boolean
  readonly unique: boolean
  readonly parent: string | null
}

/** In the order in which the tables were made; of a foreign key the table that it refers to, `id` of which it holds. */
const COLUMNS = `
  select c.relname as table, a.attname as name, format_type(a.atttypid, null) as type,
         a.atthasdef as drawn, f.confrelid::regclass::text as parent,
         exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and i.indkey::text = a.attnum::text) as unique
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_constraint f on f.conrelid = c.oid and f.contype = 'f' and f.conkey = array[a.attnum]
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  order by c.oid, a.attnum`

const WORDS = /status|state|kind|type|role|level|currency|country|lang|provider|category|scope|unit/

/**
 * Rows for all tables that have none, as an application without twins would write them: ids that are drawn from 1 on, words of
 * a vocabulary, texts of their own, parents at random. The deeper a table hangs, the more rows it has.
 */
export async function fillTables({ query }: Pick<TestDatabase, 'query'>): Promise<void> {
  const columns = await query<Column & object>(COLUMNS)
  const rows = new Map<string, number>()
  for (const table of new Set(columns.map((column) => column.table))) {
    const own = columns.filter((column) => column.table === table)
    const parents = own.flatMap(({ parent }) => (parent === null || parent === table ? [] : (rows.get(parent) ?? [])))
    const isOneToOne = own.some(({ unique, parent }) => unique && parent !== null)
    const count = isOneToOne ? Math.min(...parents) : Math.max(30, ...parents.map((parent) => parent * 4))
    rows.set(table, Math.min(count, 900))
    const filled = own.filter((column) => !column.drawn)
    await query(`
      insert into "${table}" (${filled.map(({ name }) => `"${name}"`).join(', ')})
      select ${filled.map((column, place) => buildValue(column, place, rows)).join(', ')}
      from generate_series(1, ${rows.get(table)}) n on conflict do nothing`)
  }
  await query('analyze')
}

function buildValue({ table, name, type, unique, parent }: Column, place: number, rows: Map<string, number>): string {
  const random = `abs(hashtext('${table}.${name}.' || n))`
  if (parent !== null) {
    const nth = unique ? 'n' : `1 + ${random} % ${rows.get(parent) ?? 1}`
    return type === 'uuid' ? `md5('${parent}.' || (${nth}))::uuid` : nth
  }
  if (type === 'uuid') return name === 'id' ? `md5('${table}.' || n)::uuid` : 'gen_random_uuid()'
  if (type === 'text') return WORDS.test(name) ? `'${name} ' || ${random} % 5` : `md5('${table}.${place}.' || n)`
  if (type === 'boolean') return `${random} % 3 = 0`
  if (type === 'jsonb') return `'{}'`
  if (type.startsWith('timestamp') || type === 'date')
    return `'2025-01-01'::timestamp + ${random} % 30000000 * interval '1 s'`
  return `${random} % 1000`
}
