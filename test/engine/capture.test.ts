import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { type EngineOptions, withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

test('COPY into an old table, and a COPY that fails half way', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`copy plans (k, title) from program 'printf "one\\tt\\ntwo\\tt\\n"'`)
    await expect(e.db.query(`copy plans (k, title) from program 'printf "three\\tt\\none\\tt\\n"'`)).rejects.toThrow()
    await e.db.query(`copy drafts (k, body) from program 'printf "two\\tb\\n"'`)
    expect(await e.db.query('select k, title, body from new_schema.queue order by k')).toEqual([
      { k: 'one', title: 't', body: null },
      { k: 'two', title: 't', body: 'b' },
    ])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('what a foreign key of the old tables deletes, changes or empties', async () => {
  const options: EngineOptions = {
    oldSql: /* sql */ `
      create table plans (k text primary key, title text);
      create table drafts (k text primary key references plans on delete cascade on update cascade, body text);
      create table notes (k text primary key, plan text references plans on delete set null on update cascade);`,
    newSql: `create table queue (k text primary key, title text, body text); create table remarks (k text primary key, plan text);`,
    tables: {
      queue: { key: 'k', sources: { plans: {}, drafts: {} } },
      remarks: { key: 'k', sources: { notes: {} } },
    },
  }
  await withEngine(options, async (e) => {
    await e.db.query(
      `insert into plans values ('one', 't'), ('two', 't'); insert into drafts values ('one', 'b'), ('two', 'b')`,
    )
    await e.db.query(`insert into notes values ('n', 'one'), ('m', 'two')`)
    await e.db.query(`update plans set k = 'uno' where k = 'one'`)
    await e.db.query(`delete from plans where k = 'two'`)
    await e.drain()
    expect(await e.db.query('select * from new_schema.queue')).toEqual([{ k: 'uno', title: 't', body: 'b' }])
    expect(await e.db.query('select * from new_schema.remarks order by k')).toEqual([
      { k: 'm', plan: null },
      { k: 'n', plan: 'uno' },
    ])
    expect(await e.differences()).toEqual([])
  })
})

test('rules of an old table, also one that writes another mapped table instead', async () => {
  const oldSql = /* sql */ `${QUEUE.oldSql}
    create rule also as on insert to plans do also insert into drafts (k, body) values (new.k, 'by rule') on conflict do nothing;
    create rule instead as on delete to plans do instead update plans set state = 'deleted' where k = old.k;`
  await withEngine({ ...QUEUE, oldSql }, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    await e.db.query(`delete from plans`)
    expect(await e.db.query('select k, title, body, state from new_schema.queue')).toEqual([
      { k: 'one', title: 't', body: 'by rule', state: 'deleted' },
    ])
    expect(await e.differences()).toEqual([])
  })
})

const PARTITIONS: EngineOptions = {
  oldSql: /* sql */ `
    create table a (id int, part int, x text, primary key (id, part)) partition by list (part);
    create table a1 partition of a for values in (1);
    create table a2 partition of a for values in (2) partition by range (id);
    create table a2_low partition of a2 for values from (0) to (100);
    create index on a (id);
    create table b (id int primary key, y text);`,
  newSql: 'create table n (id int primary key, x text, y text)',
  tables: { n: merge({ key: 'id', sources: { a: { latestBy: 'part' }, b: {} } }) },
}

test('partitions: written through the table and by their own names, moved, and truncated with the table', async () => {
  await withEngine(PARTITIONS, async (e) => {
    const rows = (): Promise<unknown[]> => e.db.query('select id, x from new_schema.n order by id')
    await e.db.query(`insert into a values (1, 1, 'one'), (2, 2, 'two'); insert into a2_low values (3, 2, 'three')`)
    await e.db.query(`update a set part = 2, x = 'moved' where id = 1; delete from a2_low where id = 2`)
    await e.db.query(`create table a3 partition of a for values in (3); insert into a3 values (4, 3, 'four')`)
    expect(await rows()).toEqual([
      { id: 1, x: 'moved' },
      { id: 3, x: 'three' },
      { id: 4, x: 'four' },
    ])
    await e.db.query('truncate a')
    await e.drain()
    expect(await rows()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('nothing tells of a partition that is truncated, detached or dropped: the mapping says so, and verification finds it', async () => {
  await withEngine(PARTITIONS, async (e) => {
    expect(e.mapping.notes).toContainEqual(expect.stringMatching(/public\.a is partitioned: .* verify --repair/))
    await e.db.query(`insert into a values (1, 1, 'one'), (2, 2, 'two'); insert into b values (1, 'y')`)
    await e.db.query(`truncate a1; alter table a detach partition a2`)
    const found = (await e.differences()) as { key: string[]; verdict: string }[]
    expect(found.map(({ key, verdict }) => `${key} ${verdict}`).sort()).toEqual(['1 differing', '2 extra'])
    await e.db.query(`insert into crossfade.outbox (target, key) values ('n', '{}')`)
    await e.drain()
    expect(await e.db.query('select id, x, y from new_schema.n')).toEqual([{ id: 1, x: null, y: 'y' }])
    expect(await e.differences()).toEqual([])
  })
})

test('a deferrable unique of an old table, under which two rows swap their keys', async () => {
  const oldSql = QUEUE.oldSql.replace('k text not null unique', 'k text not null unique deferrable initially deferred')
  await withEngine({ ...QUEUE, oldSql }, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', '1'), ('two', '2')`)
    const app = await e.connect('begin')
    await app.query(`update plans set k = case k when 'one' then 'two' else 'one' end`)
    await app.query(`insert into plans (k, title) values ('one', 'double')`)
    await app.query(`delete from plans where title = 'double'; commit`)
    await e.drain()
    expect(await e.db.query('select k, title from new_schema.queue order by k')).toEqual([
      { k: 'one', title: '2' },
      { k: 'two', title: '1' },
    ])
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a deferred constraint of an old table fails its COMMIT, and nothing of it is on the new side', async () => {
  const oldSql = `${QUEUE.oldSql} alter table drafts add foreign key (k) references plans (k) deferrable initially deferred;`
  await withEngine({ ...QUEUE, oldSql }, async (e) => {
    const app = await e.connect('begin')
    await app.query(`insert into drafts (k, body) values ('one', 'b')`)
    await expect(app.query('commit')).rejects.toMatchObject({ code: '23503' })
    await app.query(
      `begin; insert into drafts (k, body) values ('two', 'b'); insert into plans (k) values ('two'); commit`,
    )
    expect(await e.db.query('select k from new_schema.queue')).toEqual([{ k: 'two' }])
    expect(await e.outbox()).toEqual([])
  })
})

test('TRUNCATE takes journaled rows along', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k, score) values ('one', -1)`)
    await e.drain()
    expect(await e.journal()).toMatchObject([{ key: ['one'] }])
    await e.db.query('truncate plans')
    await e.drain()
    expect(await e.journal()).toEqual([])
  })
})

test('TRUNCATE of a table that is no source and gives keys', async () => {
  const options: EngineOptions = {
    oldSql: /* sql */ `
      create table accounts (id int primary key, code int not null);
      create table profiles (id int primary key, account_id int, name text);`,
    newSql: 'create table people (code int primary key, name text)',
    tables: {
      people: merge({
        key: 'code',
        sources: { profiles: { key: { via: 'accounts', on: { from: 'account_id', to: 'id' }, take: 'code' } } },
      }),
    },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into accounts values (1, 10); insert into profiles values (1, 1, 'a')`)
    expect(await e.db.query('select name from new_schema.people')).toHaveLength(1)
    await e.db.query('truncate accounts')
    await e.drain()
    expect(await e.db.query('select name from new_schema.people')).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})
