import { expect, test } from 'vitest'
import { readComparison } from '../../../src/client/comparable.ts'

test.each<[text: string, order: object[], isPart: boolean]>([
  ['select * from posts', [], false],
  ['select * from posts order by title desc nulls last, p.id', [{ column: 'title' }, { column: 'id' }], false],
  ['select * from posts order by 2, "The Day" limit 10;', [{ position: 2 }, { column: 'The Day' }], true],
  ['select * from posts order by id, lower(title) offset 3', [{ column: 'id' }], true],
  ['select * from posts where at < now() order by lower(title)', [], false],
  ['select title from posts union select title from drafts order by title', [{ column: 'title' }], false],
  ['select count(*) over () from posts', [], false],
  ['select count(*) over (partition by author) from posts', [], false],
  ['select array_agg(title order by id) from posts', [], false],
  ['select title as limits from posts -- limit 3', [], false],
])('%s is compared', (text, order, isPart) => {
  expect(readComparison(text)).toEqual({ kind: 'compared', order, isPart })
})

test.each<[text: string, reason: string]>([
  ['select random() from posts', 'random()'],
  ['select * from posts where at < clock_timestamp()', 'clock_timestamp()'],
  ['select gen_random_uuid(), * from posts', 'gen_random_uuid()'],
  ['select array_agg(title) from posts', 'array_agg() without an order'],
  ['select json_agg(x) from (select title from posts order by 1) x', 'json_agg() without an order'],
  ['select distinct on (author) * from posts order by author', 'DISTINCT ON'],
  ['select row_number() over (order by title) from posts', 'window function with an order'],
  ['select lag(title) over w from posts window w as (order by title)', 'window function with an order'],
  ['select * from posts limit 10', 'LIMIT without ORDER BY'],
  ['select * from (select * from posts order by id limit 3) x', 'LIMIT in a subquery'],
  ['select * from posts order by lower(title) limit 3', 'LIMIT, ordered by what is no column of the answer'],
  ['select U&"d" from posts', 'not understood'],
])('%s is left out', (text, reason) => {
  expect(readComparison(text)).toEqual({ kind: 'left out', reason })
})
