import { beforeAll, expect, test } from 'vitest'
import { readWordList } from '../../src/design/word-list.ts'
import { loadParser } from '../../src/spec/expression.ts'

beforeAll(loadParser)

test.each([
  [`(status = ANY (ARRAY['a'::text, 'it''s'::text]))`, { column: 'status', words: ['a', "it's"] }],
  [
    `((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))`,
    { column: 'status', words: ['a', 'b'] },
  ],
  [`("Status" = 'only'::text)`, { column: 'Status', words: ['only'] }],
  [`(status <> ALL (ARRAY['a'::text]))`, null],
  [`(lower(status) = ANY (ARRAY['a'::text]))`, null],
  [`((status = 'a'::text) OR (status = 'b'::text))`, null],
  [`(status = ANY (ARRAY['a'::text, other]))`, null],
  [`(number = ANY (ARRAY[1, 2]))`, null],
  [`(a = b)`, null],
  [`(progress >= 0)`, null],
])('the words of %s', (condition, list) => {
  expect(readWordList(condition)).toEqual(list)
})
