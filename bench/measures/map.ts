import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeCodeBase } from '../fixtures/code-base.ts'
import { alternateAll } from '../harness/alternate.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { compared, type Figure, single } from '../harness/figure.ts'
import { findAstGrep, installPeers } from '../harness/peers.ts'
import { percentile } from '../harness/statistics.ts'
import { runTool } from '../harness/tool-process.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const PATTERN = '$CLIENT.from($$$ARGS)'
const peer = (name: string): string => fileURLToPath(new URL(`../peers/${name}.mjs`, import.meta.url))

export const map: Measure = {
  name: 'map',
  title: '`crossfade map` / ast-grep with one pattern / ts-morph, on the same files',
  how: 'Seconds from the start of the process to its end, with the artifacts that it writes. ast-grep looks for `$CLIENT.from($$$ARGS)`, as a program of its own and from Node; ts-morph loads the files as a project and looks at each call, or asks for its type as well. The code bases of 700 and 10,000 files are made, the same each time: an application, and the projects that the map is tested with.',
  rowless: true,
  async run(bench) {
    const peers = await installPeers(bench.say)
    const folder = await mkdtemp(join(tmpdir(), 'crossfade-bench-'))
    try {
      const figures: Figure[] = []
      const { path, quick } = bench.options
      if (path !== null)
        figures.push(...(await measure(bench, { peers, folder, name: basename(resolve(path)), code: resolve(path) })))
      for (const files of quick ? [700] : [700, 10_000]) {
        const code = join(folder, String(files))
        await writeCodeBase(code, files)
        figures.push(...(await measure(bench, { peers, folder, name: `${files} files`, code, files })))
      }
      return figures
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

interface CodeBase {
  /** Where the peers are installed. */
  readonly peers: string
  /** For what is written. */
  readonly folder: string
  readonly name: string
  readonly code: string
  /** Null of a real one: limits are for a known size. */
  readonly files?: number
}

async function measure(bench: Bench, base: CodeBase): Promise<Figure[]> {
  const { peers, folder, name, code, files } = base
  const program = await findAstGrep(peers)
  const memory: Record<string, number[]> = {}
  const node = async (side: string, words: readonly string[], cwd?: string): Promise<number> => {
    const { seconds, mb } = await runTool(process.execPath, words, cwd)
    memory[side] = [...(memory[side] ?? []), mb ?? Number.NaN]
    return seconds
  }
  // A pattern is of one language: to this one all ways to write TypeScript and JavaScript are tsx.
  const config = join(folder, 'sgconfig.yml')
  const endings = ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs'].map((ending) => `"*.${ending}"`)
  await writeFile(config, `ruleDirs: []\nlanguageGlobs: { tsx: [${endings.join(', ')}] }\n`)
  const search = ['run', '--config', config, '--pattern', PATTERN, '--lang', 'tsx', '--json=stream', code]
  const found = await alternateAll(
    {
      map: () => node('map', [MAIN, 'map', '--out', join(folder, 'out'), code]),
      program: async () => (await runTool(program, search)).seconds,
      grep: () => node('ast-grep', [peer('ast-grep'), code], peers),
      calls: () => node('ts-morph', [peer('ts-morph'), code], peers),
      types: () => node('ts-morph with types', [peer('ts-morph'), code, 'types'], peers),
    },
    {
      rounds: bench.options.quick || (files ?? 0) > 1000 ? 3 : 7,
      warmUp: 1,
      ratios: {
        grep: ['map', 'grep'],
        program: ['map', 'program'],
        calls: ['calls', 'map'],
        types: ['types', 'map'],
      },
    },
  )
  const { grep, program: alone, calls, types } = found
  const most = (side: string): number => percentile(memory[side] ?? [], 0.5)
  const seconds = grep.a.median
  return [
    compared(`${name}: map / ast-grep from Node`, 's', grep, { aim: { atMost: 1.5 } }),
    compared(`${name}: map / ast-grep, a program of its own`, 's', alone),
    compared(`${name}: ts-morph, each call / map`, 's', calls, { aim: { atLeast: 10 } }),
    compared(`${name}: ts-morph, each call with its type / map`, 's', types, { aim: { atLeast: 10 } }),
    single(`${name}: map`, 's', seconds, files === 700 ? { aim: { atMost: 1 } } : {}),
    single(`${name}: map, most memory`, 'MB', most('map'), files === 10_000 ? { aim: { atMost: 500 } } : {}),
    single(`${name}: ts-morph with types, most memory`, 'MB', most('ts-morph with types')),
    single(`${name}: ast-grep from Node, most memory`, 'MB', most('ast-grep')),
  ]
}
