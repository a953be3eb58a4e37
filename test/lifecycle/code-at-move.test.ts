import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const ROLE = (name: string): string =>
  `do $$ begin create role ${name}; exception when duplicate_object or unique_violation then null; end $$;`
const NEW = 'create table papers (id int primary key, a text)'
const TABLES = { papers: merge({ key: 'id', sources: { notes: {} } }) }

test('the design names who could have code of his own run with the rights of Crossfade, and triggers that see who runs them', async () => {
  const { commands, artifact } = await createProject({
    oldSql: `${ROLE('code_app')} ${ROLE('code_reader')} ${ROLE('code_maker')} create table notes (id int primary key, a text);
      grant all on notes to code_app; grant select, insert, update, delete on notes to code_reader; grant create on schema public to code_maker;
      create function stamp() returns trigger language plpgsql as $$ begin new.a := current_user; return new; end $$;
      create function quiet() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger stamped before update on notes for each row execute function stamp();
      create trigger once before update on notes for each row when (pg_trigger_depth() = 0) execute function quiet();
      create trigger plain before update on notes for each row execute function quiet();`,
    newSql: NEW,
    tables: TABLES,
  })
  await commands.approve('design')
  const page = await artifact('MAPPING.md')
  const [, said = ''] = /## Code that native writes run\n([^#]*)/.exec(page) ?? []
  expect(said.trim().split('\n')).toEqual([
    expect.stringContaining('- code_app may make triggers on public.notes.'),
    expect.stringContaining('- code_maker may make functions and operators in schema public,'),
    expect.stringContaining('- Trigger once of public.notes asks for pg_trigger_depth()'),
    expect.stringContaining(
      '- Trigger stamped of public.notes asks who writes: in a native write current_user is postgres.',
    ),
  ])
  await commands.build()
})

test('where nobody could, it says nothing', async () => {
  const { commands, artifact } = await createProject({
    oldSql: `${ROLE('code_reader')} create table notes (id int primary key, a text); grant select, insert, update, delete on notes to code_reader`,
    newSql: NEW,
    tables: TABLES,
  })
  await commands.approve('design')
  expect(await artifact('MAPPING.md')).not.toContain('Code that native writes run')
})
