import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

const withTriggers = (sql: string) => ({ ...QUEUE, open: true, oldSql: `${QUEUE.oldSql} ${sql}` })
const trigger = (when: string, body: string): string => `
  create function fired() returns trigger language plpgsql as $$ begin ${body} end $$;
  create trigger fired ${when} for each row execute function fired();`

test.each(['plans', 'new_schema.queue'])(
  'a BEFORE trigger of an old table changes columns, when %s is written',
  async (table) => {
    await withEngine(
      withTriggers(
        trigger('before insert or update on plans', `new.title = upper(new.title); new.score = 7; return new;`),
      ),
      async (e) => {
        await e.db.query(`insert into ${table} (k, title) values ('one', 'a')`)
        expect(await e.db.query('select title, score from new_schema.queue')).toEqual([{ title: 'A', score: '7.00' }])
        await e.db.query(`update ${table} set title = 'b', state = 's'`)
        expect(await e.db.query('select title, state from new_schema.queue')).toEqual([{ title: 'B', state: 's' }])
        expect(await e.differences()).toEqual([])
        expect(await e.outbox()).toEqual([])
      },
    )
  },
)

test('a BEFORE trigger that drops a write: nothing happens by the old name, and the native write is refused', async () => {
  await withEngine(
    withTriggers(
      trigger(
        'before insert or update or delete on plans',
        `if coalesce(old.state, new.state) = 'frozen' then return null; end if; return coalesce(new, old);`,
      ),
    ),
    async (e) => {
      await e.db.query(`insert into plans (k, title) values ('one', 't')`)
      await e.db.query(`update plans set state = 'frozen'`)
      await e.db.query(`update plans set title = 'u'`)
      await e.db.query(`delete from plans`)
      await e.db.query(`insert into plans (k, state) values ('two', 'frozen')`)
      expect(await e.db.query('select k, title from new_schema.queue')).toEqual([{ k: 'one', title: 't' }])
      for (const text of [
        `update new_schema.queue set title = 'u'`,
        `delete from new_schema.queue`,
        `insert into new_schema.queue (k, state) values ('two', 'frozen')`,
      ])
        await expect(e.db.query(text), text).rejects.toMatchObject({ code: 'CF002' })
      expect(await e.differences()).toEqual([])
    },
  )
})

test.each(['plans', 'new_schema.queue'])(
  'an AFTER trigger writes other mapped rows, by unqualified names, when %s is written',
  async (table) => {
    await withEngine(
      withTriggers(
        trigger(
          'after update on plans',
          `
      update drafts set body = new.title where k = new.k;
      update drafts set body = 'of ' || old.k where k = 'other';
      insert into drafts (k, body) values ('made by ' || new.k, new.title) on conflict (k) do update set body = excluded.body;
      return null;`,
        ),
      ),
      async (e) => {
        await e.db.query(`insert into plans (k, title) values ('one', 't')`)
        await e.db.query(`insert into drafts (k, body) values ('one', 'b'), ('other', 'b')`)
        await e.db.query(`update ${table} set title = 'new' where k = 'one'`)
        expect(await e.db.query('select k, title, body from new_schema.queue order by k')).toEqual([
          { k: 'made by one', title: null, body: 'new' },
          { k: 'one', title: 'new', body: 'new' },
          { k: 'other', title: null, body: 'of one' },
        ])
        await e.db.query(`update ${table} set title = 'again' where k = 'one'`)
        expect(await e.outbox()).toEqual([])
        expect(await e.differences()).toEqual([])
      },
    )
  },
)

test('triggers FOR UPDATE OF fire for what a native write changed, and for nothing else', async () => {
  await withEngine(
    withTriggers(`create table fired_for (what text); ${trigger('after update of title on plans', `insert into fired_for values ('title'); return null;`)}
    create function fired2() returns trigger language plpgsql as $$ begin insert into fired_for values ('state'); return null; end $$;
    create trigger fired2 after update of state, k on plans for each row execute function fired2();`),
    async (e) => {
      await e.db.query(`insert into plans (k, title) values ('one', 't')`)
      const fired = async (text: string): Promise<unknown[]> => {
        await e.db.query(text)
        return (
          await e.db.query('with gone as (delete from fired_for returning what) select what from gone order by 1')
        ).map((r) => r.what)
      }
      expect(await fired(`update new_schema.queue set title = 'u'`)).toEqual(['title'])
      expect(await fired(`update new_schema.queue set state = 'u'`)).toEqual(['state'])
      expect(await fired(`update new_schema.queue set state = 'v', title = 'v'`)).toEqual(['state', 'title'])
      expect(await fired(`update new_schema.queue set score = 2`)).toEqual([])
      expect(await e.differences()).toEqual([])
    },
  )
})

test('an old trigger sees the session that it knows, and not the one that Crossfade pins', async () => {
  await withEngine(
    withTriggers(
      `create table seen (zone text, style text, day text); ${trigger(
        'before update on plans',
        `
      insert into seen values (current_setting('TimeZone'), current_setting('DateStyle'), now()::text); return new;`,
      )}`,
    ),
    async (e) => {
      await e.db.query(`insert into plans (k, title) values ('one', 't')`)
      const app = await e.connect(`set timezone = 'Asia/Tokyo'; set datestyle = 'German'`)
      await app.query(`update new_schema.queue set title = 'u'`)
      const { rows } = await app.query(`select * from seen`)
      expect(rows).toMatchObject([{ zone: 'Asia/Tokyo', style: 'German, DMY' }])
      expect(rows[0].day).toMatch(/JST$/)
      expect((await app.query('show timezone')).rows).toEqual([{ TimeZone: 'Asia/Tokyo' }])
      expect((await app.query('show search_path')).rows[0].search_path).toMatch(/public/)
      expect(await e.differences()).toEqual([])
    },
  )
})

test('a failing old trigger fails the native write as it fails an old one', async () => {
  await withEngine(
    withTriggers(trigger('before update on plans', `raise exception 'no' using errcode = 'ZZ001';`)),
    async (e) => {
      await e.db.query(`insert into plans (k, title) values ('one', 't')`)
      for (const table of ['plans', 'new_schema.queue'])
        await expect(e.db.query(`update ${table} set title = 'u'`)).rejects.toMatchObject({ code: 'ZZ001' })
      expect(await e.differences()).toEqual([])
    },
  )
})

test('an old row that a native write does not concern is not touched', async () => {
  await withEngine(
    withTriggers(trigger('before update on drafts', `raise exception 'touched'; return new;`)),
    async (e) => {
      await e.db.query(
        `insert into plans (k, title) values ('one', 't'); insert into drafts (k, body) values ('one', 'b')`,
      )
      const holder = await e.connect(`begin; select from drafts for update`)
      await e.db.query(`update new_schema.queue set score = 5`)
      expect(await e.db.query('select score::int from plans')).toEqual([{ score: 5 }])
      await holder.query('commit')
      expect(await e.differences()).toEqual([])
    },
  )
})

test('an old row whose values stay the same is not touched, though what they are computed of changed', async () => {
  const options = {
    oldSql: `create table fine (k text primary key, score numeric); create table coarse (k text primary key, score integer);
      create function no() returns trigger language plpgsql as $$ begin raise exception 'touched'; end $$;
      create trigger no before update on coarse for each row execute function no()`,
    newSql: `create table items (k text primary key, score numeric)`,
    tables: {
      items: {
        key: 'k',
        sources: { fine: {}, coarse: { columns: { score: { from: 'score', back: 'round(score)::integer' } } } },
      },
    },
    open: true,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into fine values ('a', 1.2); insert into coarse values ('a', 1)`)
    const holder = await e.connect(`begin; select from coarse for update`)
    await e.db.query(`update new_schema.items set score = 1.4`)
    expect(await e.db.query('select score from fine')).toEqual([{ score: '1.4' }])
    await holder.query('commit')
    await expect(e.db.query(`update new_schema.items set score = 2`)).rejects.toThrow('touched')
  })
})

test.each(['plans', 'new_schema.queue'])(
  'an old trigger that fails on some rows, when %s is written',
  async (table) => {
    await withEngine(
      withTriggers(
        trigger(
          'after insert or update on plans',
          `if new.title = 'bad' then raise exception 'no' using errcode = 'ZZ001'; end if; return null;`,
        ),
      ),
      async (e) => {
        await e.db.query(`insert into plans (k, title) values ('one', 't'), ('two', 't')`)
        const app = await e.connect()
        await expect(
          app.query(`update ${table} set title = case k when 'two' then 'bad' else 'good' end`),
        ).rejects.toMatchObject({ code: 'ZZ001' })
        await app.query(`begin; update ${table} set title = 'good' where k = 'one'; savepoint s`)
        await expect(app.query(`update ${table} set title = 'bad' where k = 'two'`)).rejects.toMatchObject({
          code: 'ZZ001',
        })
        await app.query(`rollback to s; update ${table} set state = 'after' where k = 'two'; commit`)
        expect(await e.db.query('select k, title, state from new_schema.queue order by k')).toEqual([
          { k: 'one', title: 'good', state: 'queued' },
          { k: 'two', title: 't', state: 'after' },
        ])
        expect(await e.outbox()).toEqual([])
        expect(await e.differences()).toEqual([])
      },
    )
  },
)
