import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

test('settings of the database that make much an error hold up no stage', async () => {
  const { commands, query, climb, other } = await createProject({
    oldSql: `create table notes (id int primary key, a text); create table drafts (id int primary key, b text);
      insert into notes values (1, 'a'); insert into drafts values (1, 'b');
      do $$ declare setting text; begin
        foreach setting in array array['plpgsql.extra_errors = ''all''', 'plpgsql.extra_warnings = ''all''', 'idle_session_timeout = ''100ms''',
            'statement_timeout = ''100ms''', 'default_transaction_isolation = ''serializable''', 'quote_all_identifiers = on']
            || case when current_setting('server_version_num')::int >= 170000 then array['transaction_timeout = ''150ms'''] else '{}' end loop
          execute format('alter database %I set %s', current_database(), setting);
        end loop;
      end $$`,
    newSql: 'create table papers (id int primary key, a text, b text)',
    tables: { papers: merge({ key: 'id', sources: { notes: {}, drafts: {} } }) },
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
  await other(
    `set plpgsql.extra_errors = 'all'; update notes set a = 'aa'; insert into drafts values (2, 'bb'); update papers set b = 'bbb' where id = 1`,
  )
  expect(await query('select * from papers where id = 1')).toEqual([{ id: 1, a: 'aa', b: 'bbb' }])
  expect(await query('select b from drafts where id = 1')).toEqual([{ b: 'bbb' }])
  await commands.rollback('design')
})
