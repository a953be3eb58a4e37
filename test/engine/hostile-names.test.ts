import { expect, test } from 'vitest'
import { type EngineOptions, withEngine } from './engine.ts'

const NAMES = [
  'Upper Case',
  'a"b',
  `it's`,
  'back\\slash',
  '$$',
  '$crossfade$',
  '$1',
  'emoji 😀',
  'new\nline',
  'tab\t',
  'select',
  'user',
  'table',
  'n'.repeat(63),
  't',
  'q',
  's1',
  's2',
  'p',
  's',
  'l',
  'j',
  'o',
  'k',
  'r',
  'u',
  'c',
  'e',
  'g',
  'w',
  'x',
  'name',
  'key',
  'target',
  'source',
  'old_key',
  'id',
  'verdict',
  'columns',
  'rows',
  'old',
  'new',
  'tg_op',
  'found',
  'sqlstate',
  'sqlerrm',
  'percent %s %I',
  'semi;colon--',
  '/*',
  'é'.repeat(31),
  'a,b',
  '{a}',
  'NULL',
  'current_user',
]
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

function columnsNamed(
  names: readonly string[],
  tables: { a: string; b: string; target: string; key: string },
): EngineOptions {
  const list = names
    .filter((name) => name !== tables.key)
    .map((name) => `${quote(name)} text`)
    .join(', ')
  const key = quote(tables.key)
  return {
    oldSql: `create table ${quote(tables.a)} (surrogate bigserial primary key, ${key} text not null unique, ${list});
             create table ${quote(tables.b)} (surrogate bigserial primary key, ${key} text not null, ${list});
             create function noop() returns trigger language plpgsql as $f$ begin return new; end $f$;
             create trigger noop before update of ${key} on ${quote(tables.b)} for each row execute function noop();`,
    newSql: `create table ${quote(tables.target)} (${key} text primary key, ${list});`,
    tables: {
      [tables.target]: {
        key: tables.key,
        sources: { [tables.a]: {}, [tables.b]: { latestBy: names[0] as string } },
        reverse: [tables.a, tables.b],
      },
    },
    open: true,
  }
}

async function roundTrip(
  options: EngineOptions,
  names: readonly string[],
  tables: { a: string; b: string; target: string; key: string },
): Promise<void> {
  await withEngine(options, async (e) => {
    const [key, a, b] = [quote(tables.key), quote(tables.a), quote(tables.b)]
    const target = `new_schema.${quote(tables.target)}`
    for (const name of names.filter((n) => n !== tables.key)) {
      const c = quote(name)
      await e.db.query(`insert into ${a} (${key}, ${c}) values ($1, 'a')`, [`of ${name}`])
      await e.db.query(`insert into ${b} (${key}, ${c}) values ($1, 'b'), ($1, 'c')`, [`of ${name}`])
      await e.db.query(`update ${target} set ${c} = 'native' where ${key} = $1`, [`of ${name}`])
    }
    await e.db.query(`insert into ${target} (${key}) values ('native')`)
    await e.db.query(`delete from ${target} where ${key} = $1`, [`of ${names[0]}`])
    await e.db.query(`update ${a} set ${key} = 'moved' where ${key} = 'native'`)
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
    await e.db.query(`truncate ${b}`)
    await e.drain()
    expect(await e.differences()).toEqual([])
    expect(await e.db.query(`select from crossfade_compat.${a}`)).toHaveLength(
      (await e.db.query(`select from ${a}`)).length,
    )
  })
}

test('columns of every name', async () => {
  const tables = { a: 'first', b: 'second', target: 'one', key: 'id' }
  await roundTrip(columnsNamed(NAMES, tables), NAMES, tables)
})

const TABLES = [
  { a: 'Upper Case', b: 'a"b', target: `it's`, key: '$$' },
  { a: '$crossfade$', b: 'emoji 😀', target: 'new\nline', key: 'Key "q"' },
  { a: 'n'.repeat(63), b: `${'n'.repeat(62)}m`, target: 'é'.repeat(31), key: 'select' },
  { a: 's1', b: 's2', target: 't', key: 't' },
  { a: 'q', b: 't', target: 'q', key: 'q' },
  { a: 'old', b: 'new', target: 'old', key: 'l' },
  { a: 'b_from_c', b: 'c', target: 'a_from_b', key: 'source' },
  { a: 'crossfade_key', b: 'select', target: 'from', key: 'order' },
]

test.each(TABLES)('tables $a and $b become $target under key $key', async (tables) => {
  const names = ['t', 'q', 's1', 'k', 'Upper', 'p', 's']
  await roundTrip(columnsNamed(names, tables), names, tables)
})
