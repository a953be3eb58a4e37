import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../src/spec/expression.ts'
import { takeForeignKeys } from '../../src/spec/foreign-keys.ts'

beforeAll(loadParser)

test('foreign keys leave the DDL, whichever way they are written', () => {
  const { statements, foreignKeys } = takeForeignKeys(
    `create table a (id int primary key);
-- a comment
create table "B b" (
  x uuid references c (d) on delete cascade,
  y int constraint named references a,
  z text check (z in ('REFERENCES a', 'x')),
  foreign key (y, x) references e (f, g) on update set null
);
alter table a add column q int, add constraint later foreign key (id) references other.h;
alter table a add foreign key (id) references i;
`,
    'public',
  )
  expect(foreignKeys.map(({ table, name, definition }) => [table, name, definition.replaceAll(/\s+/g, ' ')])).toEqual([
    ['B b', 'B b_y_x_fkey', 'FOREIGN KEY(y, x) REFERENCES public.e (f, g) ON UPDATE SET NULL'],
    ['B b', 'B b_x_fkey', 'FOREIGN KEY(x) REFERENCES public.c (d) ON DELETE CASCADE'],
    ['B b', 'named', 'FOREIGN KEY(y) REFERENCES public.a'],
    ['a', 'later', 'FOREIGN KEY(id) REFERENCES other.h'],
    ['a', 'a_id_fkey', 'FOREIGN KEY(id) REFERENCES public.i'],
  ])
  expect(foreignKeys.map((f) => f.onDelete)).toEqual(['other', 'cascade', 'other', 'other', 'other'])
  expect(statements).toHaveLength(3)
  expect(statements[1]?.text).not.toMatch(/foreign key|\bREFERENCES (c|e)\b/i)
  expect(statements[1]?.text).toContain("'REFERENCES a'")
  expect(statements[2]?.text).toMatch(/ADD COLUMN q/i)
})

test('statements without a foreign key are what the person wrote', () => {
  const { statements } = takeForeignKeys('create table a (id int);\n\n  -- why\ncreate index on a (id)', 'public')
  expect(statements).toEqual([
    { text: 'create table a (id int)', line: 1 },
    { text: 'create index on a (id)', line: 4 },
  ])
})
