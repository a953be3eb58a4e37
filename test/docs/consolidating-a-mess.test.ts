import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadProject } from '../../src/control/project.ts'
import { connect } from '../../src/db/connect.ts'
import { tryDesign } from '../../src/lifecycle/design.ts'
import { createTestDatabase } from '../support/database.ts'

const PAGE = join(import.meta.dirname, '../../docs/consolidating-a-mess.md')

/** Fences that begin with the name of a file, as `-- old.sql: …` or `// crossfade.config.ts`. */
function listFiles(text: string): Map<string, string> {
  const fences = text.matchAll(/^```\w+\n((?:--|\/\/) ([\w.-]+)[\s\S]*?)^```/gm)
  return new Map([...fences].map(([, body = '', name = '']) => [name.replace(/\.$/, ''), body]))
}

test('docs/consolidating-a-mess.md: its mapping fits its tables, with every word that it explains', async () => {
  const database = await createTestDatabase()
  const db = await connect(database.url)
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-mess-'))
  onTestFinished(async () => {
    await db.close()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })
  const text = await readFile(PAGE, 'utf8')
  const files = listFiles(text)
  expect([...files.keys()]).toEqual(['old.sql', 'new.sql', 'crossfade.config.ts'])
  for (const [name, body] of files) await writeFile(join(folder, name), body)
  await writeFile(join(folder, 'also.sql'), 'select 1;')

  await database.query(files.get('old.sql') ?? '')
  const session = await db.session()
  const { mapping } = await tryDesign(session, await loadProject({ cwd: folder }))
  expect(mapping.targets.map((t) => [t.name, t.sources.filter((s) => !s.stub).map((s) => s.relation.name)])).toEqual([
    ['content_queue', ['content_metadata', 'content_generation_metadata_comprehensive']],
    ['posted_content', ['posted_decisions', 'tweets', 'posts']],
    ['engagement_metrics from outcomes', ['outcomes']],
    ['engagement_metrics from real_tweet_metrics', ['real_tweet_metrics']],
    ['engagement_metrics from tweet_analytics', ['tweet_analytics']],
  ])
})
