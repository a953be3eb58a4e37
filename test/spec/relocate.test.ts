import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../src/spec/expression.ts'
import { relocateNames } from '../../src/spec/relocate.ts'

beforeAll(loadParser)

test.each([
  ['a type', "(case 'ü' when x then 'b' end)::new_schema.mood", "(case 'ü' when x then 'b' end)::\"public\".mood"],
  ['an array of a quoted one', 'NULL::"new_schema"."X y"[]', 'NULL::"public"."X y"[]'],
  ['a function, and a type in it', 'new_schema.f(a::new_schema.t) + 1', '"public".f(a::"public".t) + 1'],
  ['capitals mean nothing', 'NULL::NEW_Schema . t', 'NULL::"public" . t'],
  ['a type of that very name', 'NULL::new_schema.new_schema', 'NULL::"public".new_schema'],
  ['a sequence', "nextval('new_schema.s'::regclass)", 'nextval(\'"public".s\'::regclass)'],
  ['a sequence with a quoted name', `nextval('"new_schema"."X y"'::regclass)`, `nextval('"public"."X y"'::regclass)`],
  [
    'a sequence with a backslash in its name',
    `nextval(E'"new_schema"."back\\\\slash"'::regclass)`,
    `nextval(E'"public"."back\\\\slash"'::regclass)`,
  ],
])('%s is named in the other schema', (_what, before, after) => {
  expect(relocateNames(before, 'new_schema', 'public')).toBe(after)
})

test.each([
  "'new_schema.t'",
  "'new_schema'::regclass",
  "'other.new_schema'::regclass",
  '"new_schema"',
  'a.new_schema',
  'b -- new_schema.t\n',
  'NULL::numeric(5,4)',
  'NULL::other.new_schema',
])('%s stays as it is', (text) => {
  expect(relocateNames(text, 'new_schema', 'public')).toBe(text)
})
