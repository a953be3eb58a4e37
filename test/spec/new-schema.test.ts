import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../src/spec/expression.ts'
import { assertNewSchema } from '../../src/spec/new-schema.ts'

beforeAll(loadParser)

const NEW = 'create table people (id serial primary key, city text);\n'

test.each([
  ['create tabel x (a int);', /new\.sql:2: syntax error/],
  ['insert into people values (1);', /:2: a statement of this kind \(InsertStmt\)/],
  ['alter table clients drop column city;', /:2: clients is not created by this DDL/],
  ['alter table public.clients drop column city;', /public\.clients names a schema/],
  ['grant select on clients to public;', /clients is not created/],
  ['grant select on all tables in schema public to public;', /names a schema/],
  ['create table child () inherits (clients);', /clients is not created/],
  ['create index on clients (city);', /clients is not created/],
  ['create policy open on clients using (true);', /clients is not created/],
  ['create rule r as on insert to clients do nothing;', /clients is not created/],
  ['create trigger t after insert on clients for each row execute function f();', /clients is not created/],
  ["comment on column clients.city is 'mine';", /clients is not created/],
  ['alter sequence clients_id_seq restart 1;', /clients_id_seq is not created/],
  ["create or replace function public.f() returns int language sql as 'select 1';", /names a schema/],
])('refuses: %s', (statement, message) => {
  expect(() => assertNewSchema(NEW + statement, 'new.sql')).toThrow(message)
})

test.each([
  'alter table people add constraint c check (id > 0);',
  'create index people_city on people (city); create policy p on people using (true);',
  'alter sequence people_id_seq restart 5; grant usage on sequence people_id_seq to public;',
  "comment on table people is 'x'; comment on column people.city is 'y';",
  'create trigger t before insert on people for each row execute function public.touch();',
  'create table visits (person int references people, staff int references old_staff);',
])('takes: %s', (statement) => {
  expect(() => assertNewSchema(NEW + statement, 'new.sql')).not.toThrow()
})
