import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Measure } from '../harness/bench.ts'
import { compared, type Figure } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'
import { summarize } from '../harness/statistics.ts'
import { runTool } from '../harness/tool-process.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export const memory: Measure = {
  name: 'memory',
  title: 'Memory of the tool at 10 times the rows',
  how: 'Most resident memory of `crossfade sync` and of `crossfade verify`, each a process of its own, from dist/.',
  async run(bench) {
    const sizes = [Math.floor(bench.rows / 10), bench.rows]
    const found: Record<string, number[]> = { sync: [], verify: [] }
    for (const rows of sizes) {
      const url = await bench.create('two-sources', rows)
      const migration = await migrate(url, bench.fixture('two-sources'), 'build')
      for (const command of ['sync', 'verify']) {
        const mb = await runCommand(command, url, migration.project.outDir)
        found[command]?.push(mb)
        bench.say(`${command} of ${rows} rows: ${mb.toFixed(0)} MB`)
      }
      await migration.assertSame()
      await migration.close()
      await bench.drop(url)
    }
    return Object.entries(found).map(([command, [small = 0, large = 0]]): Figure => {
      const [a, b] = [summarize([large]), summarize([small])]
      const ratio = summarize([large / small])
      return compared(
        `${command}: ${sizes[1]} rows / ${sizes[0]} rows`,
        'MB',
        { a, b, ratio },
        { aim: { atMost: 1.1 } },
      )
    })
  },
}

async function runCommand(command: string, url: string, directory: string): Promise<number> {
  const config = join(directory, 'crossfade.config.js')
  const words = [MAIN, command, '--database', url, '--config', config, '--out', directory, '--json']
  return (await runTool(process.execPath, words)).mb ?? Number.NaN
}
