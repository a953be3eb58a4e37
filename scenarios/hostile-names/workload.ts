import type { Workload } from '../../test/scenarios/workload.ts'

const KEY = `'k''"' || $1::text || '\\'`
const LONG = '"überlange_tabelle_mit_sehr_vielen_buchstaben_die_nicht_enden'
const NEW = '"New ""table"".with: $$everything$$ and % of 63 bytes, really!"'

export const workload: Workload = {
  expected: ['23505'],
  old: {
    async first(client, random) {
      await client.query(
        `insert into "Select ""from"" $1" ("order", "back\\slash") values (${KEY}, $2)
         on conflict ("order") do update set "back\\slash" = excluded."back\\slash", "%I 100%" = 7`,
        [1 + random.int(250), `\\ ' " $$ ${random.int(100)}`],
      )
    },
    async second(client, random) {
      await client.query(`update ${LONG}" set "TG_OP" = $2, "$x$ $crossfade$" = '$crossfade$' where "KEY" = ${KEY}`, [
        1 + random.int(250),
        random.pick(['INSERT', 'DELETE', null]),
      ])
    },
    async third(client, random) {
      await client.query(`insert into ${LONG}2" ("KEY", "old") values (${KEY}, 'late')`, [1 + random.int(300)])
    },
    async remove(client, random) {
      await client.query(`delete from ${LONG}${random.pick(['"', '2"'])} where "KEY" = ${KEY}`, [1 + random.int(250)])
    },
  },
  native: {
    async change(client, random) {
      await client.query(
        `update ${NEW} set "NEW" = 'n', "OLD" = 'o', "crossfade" = 'own' where "The ""Key""" = ${KEY}`,
        [1 + random.int(250)],
      )
    },
    async add(client, random) {
      await client.query(`insert into ${NEW} ("The ""Key""", "quote'd") values ($1, '''')`, [
        `native " ${random.uuid()}`,
      ])
    },
    async remove(client, random) {
      await client.query(`delete from ${NEW} where "The ""Key""" = ${KEY}`, [1 + random.int(250)])
    },
  },
}
