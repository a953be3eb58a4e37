import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readCodeMap } from '../../../src/codemap/read-code-map.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** `file operation schema.table` of each interaction. */
async function told(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-test-calls-'))
  folders.push(folder)
  for (const [file, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const { interactions } = await readCodeMap(folder)
  return interactions.map(
    ({ file, operation, schema, table }) => `${file} ${operation} ${schema === null ? '' : `${schema}.`}${table}`,
  )
}

const QUEUE = {
  'src/queue.ts': `
    import { Pool } from 'pg'
    const pool = new Pool()
    export class Queue {
      constructor(private readonly options: { schema: string }) {}
      drain() { return this.run(\`delete from \${this.options.schema}.jobs\`) }
      run(text: string) { return pool.query(text) }
    }
    export async function count(table: string) { return pool.query(\`select id from \${table}\`) }`,
}
const MAIN = {
  'src/main.ts': `
    import { count, Queue } from './queue.ts'
    new Queue({ schema: 'app' }).drain()
    count('jobs')`,
}
const TESTS = {
  'test/queue.test.ts': `
    import { Queue } from '../src/queue.ts'
    const queue = new Queue({ schema: 'trial' })
    queue.drain()
    queue.run('select id from jobs where id = 1')`,
}

test('settings of tests do not tell what the program itself uses apart; statements that they hand in are told', async () => {
  expect(await told({ ...QUEUE, ...MAIN, ...TESTS })).toEqual([
    'src/main.ts select jobs',
    'src/queue.ts delete app.jobs',
    'test/queue.test.ts select jobs',
  ])
})

test('what only tests use is told with their settings', async () => {
  expect(await told({ ...QUEUE, ...TESTS })).toEqual([
    'src/queue.ts delete trial.jobs',
    'test/queue.test.ts select jobs',
  ])
})

test('a few of the names that tests hand in are told', async () => {
  const counts = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, at) => `count('table_${from + at}')`).join('\n')
  const all = await told({
    ...QUEUE,
    ...MAIN,
    'test/count.test.ts': `import { count } from '../src/queue.ts'\n${counts(0, 200)}`,
  })
  const ofTests = all.filter((one) => one.startsWith('test/'))
  expect(ofTests.length).toBeGreaterThan(10)
  expect(ofTests.length).toBeLessThan(30)
})
