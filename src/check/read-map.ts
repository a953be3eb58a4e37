import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileRole } from '../codemap/file-role.ts'
import type { Interaction } from '../codemap/interaction.ts'
import type { InteractionMap } from '../codemap/interaction-map.ts'
import { UsageError } from '../lib/errors.ts'

/** What `crossfade map` has left, as far as the check needs it. */
export interface ReadMap {
  /** Of code that runs: migrations, seeds, tests and loose SQL files have had their time, or have none. */
  readonly accesses: readonly Interaction[]
  /** Accesses of which no table is known. */
  readonly unresolved: number
  /** When the file was written; the map itself doesn't say of which code it is. ISO 8601, UTC. */
  readonly writtenAt: string
}

const NAME = 'DATABASE_INTERACTION_MAP.json'
const RUNS: ReadonlySet<string> = new Set(['program', 'script'])

/** Null where there is none in the folder. Throws UsageError for a file of this name that is no map. */
export async function readMap(outDir: string): Promise<ReadMap | null> {
  const path = join(outDir, NAME)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  const map = parse(text)
  if (map?.version !== 1 || !Array.isArray(map.interactions) || !Array.isArray(map.unresolved))
    throw new UsageError('check.map', `${path} is no map of this version of crossfade map.`, {
      hint: 'Run crossfade map again, or remove the file.',
    })
  const runs = ({ file, style }: { file: string; style: string }): boolean =>
    style !== 'sql' && RUNS.has(fileRole(file))
  return {
    accesses: map.interactions.filter(runs),
    unresolved: map.unresolved.filter(runs).length,
    writtenAt: (await stat(path)).mtime.toISOString(),
  }
}

function parse(text: string): InteractionMap | null {
  try {
    return JSON.parse(text) as InteractionMap | null
  } catch {
    return null
  }
}
