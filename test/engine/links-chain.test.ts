import { expect, test } from 'vitest'
import { type EngineOptions, withEngine } from './engine.ts'

/** Scans find their order through a parcel. */
const CHAIN: EngineOptions = {
  oldSql: /* sql */ `
    create table orders (id int primary key, ref text);
    create table parcels (no text primary key, ref text);
    create table scans (id int primary key, no text, depot text);
    insert into orders values (1, 'r'), (2, 'x');
    insert into parcels values ('p', 'r');
    insert into scans values (1, 'p', 'North');`,
  newSql: 'create table shipments (id int primary key, ref text, depot text)',
  tables: {
    shipments: {
      key: 'id',
      sources: {
        orders: {},
        scans: { key: { via: 'parcels', on: 'no', take: { via: 'orders', on: 'ref', take: 'id' }, otherwise: 'omit' } },
      },
    },
  },
}
const RC = 'begin'
const RR = 'begin isolation level repeatable read'
const ORDER = 'update orders set id = 11 where id = 1'
const PARCEL = `update parcels set ref = 'x'`
const SCAN = `insert into scans values (2, 'p', 'South')`

test.each([
  ['a parcel leaves an order whose key changes', RC, PARCEL, RC, ORDER],
  ['an order changes its key while a parcel leaves it', RC, ORDER, RC, PARCEL],
  ['a parcel leaves with an old snapshot', RR, PARCEL, RC, ORDER],
  ['a scan goes while the order changes its key', RC, ORDER, RC, 'delete from scans'],
  ['a scan goes with an old snapshot', RR, 'delete from scans', RC, ORDER],
  ['a scan comes while the order changes its key', RC, ORDER, RC, SCAN],
  ['a parcel comes with an old snapshot', RR, `insert into parcels values ('q', 'r')`, RR, ORDER],
])('a chain is written at both ends: %s', async (_, begin, first, otherBegin, second) => {
  await withEngine(CHAIN, async (e) => {
    await e.db.query(`insert into scans values (3, 'q', 'West')`)
    const [one, other] = [await e.connect(begin), await e.connect(otherBegin)]
    for (const session of [one, other]) await session.query('select from orders')
    await one.query(first)
    await other.query(second)
    await other.query('commit')
    await e.drainOnce()
    await e.drainOnce()
    await one.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})
