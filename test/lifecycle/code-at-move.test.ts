import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const ROLE = (name: string): string =>
  `do $$ begin create role ${name}; exception when duplicate_object or unique_violation then null; end $$;`
const NEW = 'create table papers (id int primary key, a text)'
const TABLES = { papers: merge({ key: 'id', sources: { notes: {} } }) }
const ROWS = 'select, insert, update, delete'

test('the design names who could have code of his own run with the rights of Crossfade, and triggers that see who runs them', async () => {
  const { commands, artifact } = await createProject({
    oldSql: `${ROLE('code_app')} ${ROLE('code_reader')} ${ROLE('code_maker')} ${ROLE('code_friend')} create table notes (id int primary key, a text);
      grant all on notes to code_app, code_friend; grant ${ROWS} on notes to code_reader; grant create on schema public to code_maker;
      create function stamp() returns trigger language plpgsql as $$ begin new.a := current_user; return new; end $$;
      create function quiet() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger stamped before update on notes for each row execute function stamp();
      create trigger once before update on notes for each row when (pg_trigger_depth() = 0) execute function quiet();
      create trigger plain before update on notes for each row execute function quiet();`,
    newSql: NEW,
    tables: TABLES,
    trusted: ['code_friend'],
  })
  await commands.approve('design')
  const page = await artifact('MAPPING.md')
  const [, said = ''] = /## Code that native writes run\n([^#]*)/.exec(page) ?? []
  expect(said.trim().split('\n')).toEqual([
    '- code_app may make triggers on public.notes. `crossfade move` will refuse until the right is gone (`REVOKE TRIGGER ON public.notes FROM code_app;`), or the role trusted with all that postgres may do (`trusted`).',
    '- code_friend may make triggers on public.notes, and is trusted with all that postgres may do.',
    expect.stringContaining(
      '- code_maker may make functions and operators in schema public. `crossfade move` will refuse',
    ),
    expect.stringContaining('- Trigger once of public.notes asks for pg_trigger_depth()'),
    expect.stringContaining(
      '- Trigger stamped of public.notes asks who writes: in a native write current_user is postgres.',
    ),
  ])
  await commands.build()
})

test('where nobody could, it says nothing', async () => {
  const { commands, artifact } = await createProject({
    oldSql: `${ROLE('code_reader')} create table notes (id int primary key, a text); grant ${ROWS} on notes to code_reader`,
    newSql: NEW,
    tables: TABLES,
  })
  await commands.approve('design')
  expect(await artifact('MAPPING.md')).not.toContain('Code that native writes run')
})

const GRANTED = `${ROLE('code_anon')} ${ROLE('code_user')} ${ROLE('code_maker')} ${ROLE('code_reader')}
  create table notes (id int primary key, a text); insert into notes values (1, 'one');
  grant all on notes to code_anon, code_user; grant ${ROWS} on notes to code_reader; grant create on schema public to code_maker;`

test('move refuses while somebody could, and what its hint gives to paste is all that it asks for', async () => {
  const { commands, climb, query } = await createProject({ oldSql: GRANTED, newSql: NEW, tables: TABLES })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  const refused = (await climb().catch((error: unknown) => error)) as { code: string; message: string; hint: string }
  expect(refused).toMatchObject({
    code: 'move.strangers',
    message: expect.stringMatching(
      /rights of postgres.*: code_anon and code_user may make triggers on public\.notes; code_maker may make functions and operators in schema public\.$/,
    ),
  })
  expect(await query('select stage from crossfade.migration')).toEqual([{ stage: 'reads' }])
  const lines = refused.hint.split('\n').filter((line) => line.startsWith('REVOKE '))
  expect(lines).toEqual([
    'REVOKE TRIGGER ON public.notes FROM code_anon, code_user;',
    'REVOKE CREATE ON SCHEMA public FROM code_maker;',
  ])
  expect(refused.hint).toContain("trusted: ['code_anon', 'code_user', 'code_maker']")
  await query(lines.join('\n'))
  await commands.move()
  await query(`set role code_user; update papers set a = 'two'; reset role`)
  expect(await query('select a from notes')).toEqual([{ a: 'two' }])
})

test('a role that the configuration trusts later needs an approval, and none for being trusted no more', async () => {
  const trusted: string[] = []
  const { commands, climb } = await createProject({
    oldSql: `${ROLE('code_user')} create table notes (id int primary key, a text); grant all on notes to code_user`,
    newSql: NEW,
    tables: TABLES,
    trusted,
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await expect(climb()).rejects.toMatchObject({ code: 'move.strangers' })
  trusted.push('code_user')
  await expect(commands.move()).rejects.toMatchObject({ code: 'gate.trusted', message: /trusts code_user/ })
  await commands.approve('drift')
  trusted.pop()
  await expect(commands.move()).rejects.toMatchObject({ code: 'move.strangers' })
  trusted.push('code_user')
  await commands.move()
})

test('status says it before move, and when a later grant opens it again', async () => {
  const { commands, climb, query, status } = await createProject({
    oldSql: `${ROLE('code_user')} create table notes (id int primary key, a text); grant all on notes to code_user`,
    newSql: NEW,
    tables: TABLES,
  })
  const said = async (): Promise<string[]> => (await status()).warnings.filter((line) => line.includes('code_user'))
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await expect(climb()).rejects.toMatchObject({ code: 'move.strangers' })
  expect(await said()).toEqual([expect.stringMatching(/^crossfade move will refuse: code_user may make triggers/)])
  await query('revoke trigger on notes from code_user')
  await commands.move()
  expect(await said()).toEqual([])
  await query('grant trigger on notes to code_user')
  expect(await said()).toEqual([
    'code_user may make triggers on public.notes, and native writes run them with the rights of postgres. Take the right away: REVOKE TRIGGER ON public.notes FROM code_user;',
  ])
  await commands.approve('move')
  await commands.approve('finish')
  await commands.finish(0)
  expect(await said()).toEqual([])
})

test('the attack itself: who may make a trigger has a native write of somebody else run his code, and the REVOKE stops him', async () => {
  const { commands, climb, query, other } = await createProject({
    oldSql: `${ROLE('code_user')} ${ROLE('code_writer')} create table notes (id int primary key, a text); insert into notes values (1, 'one');
      create table vault (secret text); insert into vault values ('hidden');
      grant all on notes to code_user; grant ${ROWS} on notes to code_writer`,
    newSql: NEW,
    tables: TABLES,
    trusted: ['code_user'],
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
  await other(`set role code_user;
    create function pg_temp.peek() returns trigger language plpgsql as $$ begin new.a := (select secret from public.vault); return new; end $$`)
  await query('revoke trigger on notes from code_user')
  const attack = 'create trigger peek before update on notes for each row execute function pg_temp.peek()'
  await expect(other(attack)).rejects.toMatchObject({ code: '42501' })
  await query('grant trigger on notes to code_user')
  await other(attack)
  await query(`set role code_writer; update papers set a = 'two'; reset role`)
  expect(await query('select a from notes')).toEqual([{ a: 'hidden' }])
})

test('all tables that a native write can reach count, and what only an owner has is not asked to be revoked', async () => {
  const { commands, climb } = await createProject({
    oldSql: `${['code_user', 'code_app', 'code_other'].map(ROLE).join(' ')} grant code_app to current_user;
      create table notes (id int primary key, a text) partition by range (id); create table notes_1 partition of notes for values from (0) to (100);
      create view seen_notes as select id, a from notes; create table bystander (id int); create table audit (id int);
      create schema logs; create table logs.audit (id int); create table logs.trail (id int);
      grant trigger on notes_1 to code_user with grant option; grant trigger on seen_notes, bystander, audit, logs.audit, logs.trail to code_other;
      set role code_user; grant trigger on notes_1 to public; reset role;
      create function log() returns trigger language plpgsql as $$ begin insert into audit values (1); insert into logs.trail values (1); return new; end $$;
      create trigger logged before update on notes for each row execute function log();
      create function logs.own() returns trigger language plpgsql as $$ begin return new; end $$;
      grant create, usage on schema logs to code_app; alter function logs.own() owner to code_app;
      create trigger owned before update on audit for each row execute function logs.own();
      grant create on schema public to code_app; alter table notes owner to code_app; revoke create on schema public from code_app`,
    newSql: NEW,
    tables: { papers: merge({ key: 'id', sources: { seen_notes: {} } }) },
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  const refused = (await climb().catch((error: unknown) => error)) as { message: string; hint: string }
  expect(refused.message.split(': ').at(-1)?.split('; ')).toEqual([
    'code_other may make triggers on logs.trail, public.audit and public.seen_notes',
    'code_app owns public.notes',
    'code_user and PUBLIC may make triggers on public.notes_1',
    'code_app owns function logs.own(), which a trigger calls.',
  ])
  expect(refused.hint.split('\n').filter((line) => line.startsWith('REVOKE '))).toEqual([
    'REVOKE TRIGGER ON logs.trail, public.audit, public.seen_notes FROM code_other;',
    'REVOKE TRIGGER ON public.notes_1 FROM code_user, PUBLIC CASCADE;',
  ])
})
