import { expect, test } from 'vitest'
import { readCatalog } from '../../src/catalog/read-catalog.ts'
import { defineConfig, merge } from '../../src/spec/config.ts'
import type { Relation } from '../../src/spec/mapping.ts'
import { backfillChunk } from '../../src/sqlgen/backfill.ts'
import { compareRange } from '../../src/sqlgen/compare.ts'
import { planMove } from '../../src/sqlgen/move.ts'
import { planBuild, planKeyIndexes, planLineageIndexes, planSync } from '../../src/sqlgen/plan.ts'
import type { Statement } from '../../src/sqlgen/statement.ts'
import { createFixture } from '../support/fixture.ts'

const QUEUE = {
  oldSql: `create table people (id serial primary key, email text not null unique, name text, score numeric);
           create table contacts (email text primary key, full_name varchar(60), phone text);
           grant select, insert on people, contacts to public`,
  newSql: `create table members (id bigserial primary key, email text not null unique, name text, phone text, score numeric(5,2) not null default 0)`,
  tables: defineConfig({
    schema: '',
    tables: {
      members: merge({
        key: 'email',
        sources: { people: {}, contacts: { key: 'lower(email)', columns: { name: 'full_name' } } },
      }),
    },
  }).tables,
}

const script = (statements: readonly Statement[]): string =>
  statements
    .map((s) => `-- ${s.id}: ${s.why}\n${s.sql.text};\n${s.undo ? `-- undo:\n${s.undo.text};\n` : ''}`)
    .join('\n')

/**
 * All that is generated for one small mapping, for a reader, and so that a change of it is seen in review. The
 * fixture runs build and sync; the rest is run here. `npx vitest run test/sqlgen/golden -u` writes the files anew.
 */
test('the SQL of a small mapping is what stands in the files, and it runs', async () => {
  const f = await createFixture(QUEUE)
  const { tables } = await readCatalog(f.client, ['public', 'new_schema'])
  const sources = (r: Relation) => tables.find((c) => c.name === r.name && c.schema === r.schema)
  const files = {
    'build.sql': script([...planBuild(f.mapping, sources), ...planKeyIndexes(f.mapping)]),
    'sync.sql': script([...planSync(f.mapping), ...planLineageIndexes(f.mapping)]),
    'move.sql': script(planMove(f.mapping, sources)),
    'backfill.sql': `${backfillChunk(f.target, { after: true, upTo: true }, 'alone').text};\n`,
    'backfill-contested.sql': `${backfillChunk(f.target, { after: true, upTo: true }, 'contested').text};\n`,
    'verify.sql': `${compareRange(f.target, { after: true, upTo: true }, false).text};\n`,
  }
  for (const [name, text] of Object.entries(files)) await expect(text).toMatchFileSnapshot(`golden/${name}`)

  await f.query(`begin; ${files['move.sql']} rollback`)
  await f.query(
    `prepare chunk as ${files['backfill.sql']} prepare contested as ${files['backfill-contested.sql']} prepare verify as ${files['verify.sql']} deallocate all`,
  )
})
