import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'

const TYPES: readonly (readonly [type: string, values: readonly string[]])[] = [
  ['jsonb', [`'{"a": 1.0}'`, `'{"a": 1.00}'`, `'1152921504606846977'`, `'{"a": [1, null, "\\u00e9"]}'`, `'null'`]],
  ['json', [`'{"a":  1.0, "a": 2}'`, `'{"a": 2}'`, `' [1 ] '`]],
  ['numeric', [`'NaN'`, `'1.0'`, `'1.00'`, `'-0.000'`, `'Infinity'`, `'12345678901234567890.123456789'`]],
  ['numeric(8,3)', [`'1.5'`, `'-99999.999'`, `'NaN'`]],
  ['timestamptz', [`'2024-02-29 12:34:56.123456+05:30'`, `'infinity'`, `'-infinity'`, `'4713-01-01 00:00:00 BC'`]],
  ['timestamp(3)', [`'2024-02-29 12:34:56.123'`]],
  ['date', [`'infinity'`, `'0044-03-15 BC'`]],
  ['time', [`'24:00'`, `'00:00:00.000001'`]],
  ['interval', [`'1 year 2 mons -3 days 04:05:06.789'`, `'30 days'`, `'1 month'`]],
  ['float8', [`'-0'`, `'0'`, `'NaN'`, `'-Infinity'`, `'5e-324'`, `'0.1'`]],
  ['float4', [`'-0'`, `'3.4028235e38'`, `'1e-45'`]],
  ['bytea', [`'\\x00ff'`, `''`]],
  ['text[]', [`'{a,NULL,"b,c","{}"}'`, `'{}'`, `'[2:3]={x,y}'`]],
  ['int[]', [`'{{1,2},{3,4}}'`]],
  ['varchar(5)[]', [`'{abc,abcde}'`]],
  ['mood', [`'happy'`, `'sehr "froh"'`]],
  ['mood[]', [`'{happy}'`]],
  ['positive', [`7`]],
  ['char(4)', [`'ab'`, `''`]],
  ['varchar(3)', [`'abc'`, `'日本語'`, `''`]],
  ['text', [`'a\u0301 é 日本 😀 \u{10FFFD} \u200d "''\\'`, `''`, `' '`, `E'\\t\\n\\r'`]],
  ['bit(3)', [`B'101'`]],
  ['bit varying(5)', [`B'10101'`]],
  ['boolean', [`true`]],
  ['bigint', [`9223372036854775807`]],
  ['int4range', [`'[1,5)'`, `'empty'`]],
  ['point', [`'(1,-0)'`]],
  ['inet', [`'::1/64'`]],
  ['xml', [`'<a/>'`]],
  ['pair', [`'(1,x)'`]],
]

test('every value arrives as it is, forth and back, and nothing differs', async () => {
  const columns = TYPES.map(([type], i) => `c${i} ${type}`).join(', ')
  await withEngine(
    {
      oldSql: `create type mood as enum ('happy', 'sehr "froh"'); create domain positive as int check (value > 0); create type pair as (x int, y text);
        create table a (k int primary key, ${columns}, double_c float8 generated always as (c9 * 2) stored);
        create table b (id int generated always as identity primary key, k int unique, ${columns});`,
      newSql: `create table n (k int primary key, ${columns}, shown text generated always as (c20 || '!') stored, own int default 5);`,
      tables: { n: { key: 'k', sources: { a: {}, b: {} }, reverse: ['b'] } },
      open: true,
    },
    async (e) => {
      let k = 0
      for (const [i, [, values]] of TYPES.entries()) {
        for (const value of values) {
          await e.db.query(`insert into ${k % 2 ? 'a' : 'b'} (k, c${i}) values (${++k}, ${value})`)
          await e.db.query(`update ${k % 2 ? 'b' : 'a'} set c${i} = ${value} where k = ${k}`)
          await e.db.query(`insert into new_schema.n (k, c${i}) values (${k + 1000}, ${value})`)
          await e.db.query(`update new_schema.n set c24 = ${k} where k = ${k}`)
          await e.db.query(`update new_schema.n set c${i} = NULL where k = ${k}`)
          await e.db.query(`update new_schema.n set c${i} = ${value} where k = ${k}`)
          const [row] = await e.db.query(
            `select record_image_eq(row(n.c${i}), row(coalesce(a.c${i}, b.c${i}))) as same, record_image_eq(row(n.c${i}), row((${value})::${TYPES[i]?.[0]})) as kept
               from new_schema.n left join a using (k) left join b using (k) where n.k = ${k}`,
          )
          expect(row, `${TYPES[i]?.[0]} ${value}`).toEqual({ same: true, kept: true })
        }
      }
      expect(await e.outbox()).toEqual([])
      expect(await e.differences()).toEqual([])
    },
  )
})

test('a value of half a megabyte, out of line and compressed, is written once and not again', async () => {
  await withEngine(
    {
      oldSql: `create table a (k int primary key, body text, n int); create table b (k int primary key, other text);`,
      newSql: `create table n (k int primary key, body text, n int, other text);`,
      tables: { n: { key: 'k', sources: { a: {}, b: {} } } },
      open: true,
    },
    async (e) => {
      await e.db.query(
        `insert into a values (1, repeat('x', 500000), 1), (2, (select string_agg(md5(i::text), '') from generate_series(1, 16000) i), 1)`,
      )
      await e.db.query(`update a set n = 2`)
      await e.db.query(`update new_schema.n set n = 3`)
      const [before] = await e.db.query(`select ctid::text from new_schema.n where k = 2`)
      await e.db.query(`update a set body = body || ''`)
      expect(await e.db.query(`select ctid::text from new_schema.n where k = 2`)).toEqual([before])
      expect(await e.differences()).toEqual([])
      expect(await e.outbox()).toEqual([])
    },
  )
})
