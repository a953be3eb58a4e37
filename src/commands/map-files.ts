import { access, constants, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { InteractionMap } from '../codemap/interaction-map.ts'
import type { Coverage } from '../coverage/coverage.ts'
import { buildCoveragePage } from '../coverage/coverage-page.ts'
import { UsageError } from '../lib/errors.ts'

interface Contents {
  readonly map: InteractionMap
  /** Null without a mapping. */
  readonly coverage: Coverage | null
  /** Where the paths of the map are from. */
  readonly root: string
  readonly cwd: string
  readonly folder: string
}

/**
 * Writes the artifacts of the map; gives the JSON document, and the paths as seen from where the person is. Each is there
 * whole or not at all. Throws UsageError where it can't be written.
 */
export async function writeMapFiles(contents: Contents): Promise<{ document: string; written: string[] }> {
  const { map, coverage, root, cwd, folder } = contents
  // The layout of the drawing is a good part of what there is to load, and not needed before.
  const { drawMap } = await import('../codemap/drawing/draw-map.ts')
  const { writeDataFlowPage } = await import('../codemap/pages/data-flow-page.ts')
  const document = `${JSON.stringify(coverage === null ? map : { ...map, coverage }, null, 2)}\n`
  const toRoot = linkBase(folder, root)
  const texts: [file: string, text: string][] = [
    ['DATABASE_INTERACTION_MAP.json', document],
    ['DATA_FLOW_DIAGRAM.md', writeDataFlowPage(map, toRoot)],
    ['DATA_FLOW_DIAGRAM.svg', drawMap(map, toRoot)],
  ]
  if (coverage !== null) texts.push(['MAPPING_COVERAGE.md', buildCoveragePage(coverage)])
  try {
    await mkdir(folder, { recursive: true })
    await Promise.all(texts.map(async ([file, text]) => await replaceFile(join(folder, file), text)))
  } catch (cause) {
    throw unwritable(folder, cause)
  }
  return { document, written: texts.map(([file]) => shorten(cwd, join(folder, file))) }
}

/** Throws UsageError for what is no folder, or one that may not be written to; one that isn't there yet will do. */
export async function assertWritable(folder: string): Promise<void> {
  try {
    const stats = await stat(folder)
    if (!stats.isDirectory()) throw new Error('it is a file')
    await access(folder, constants.W_OK)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT' && dirname(folder) !== folder)
      await assertWritable(dirname(folder))
    else throw unwritable(folder, cause)
  }
}

function unwritable(folder: string, cause: unknown): UsageError {
  return new UsageError('out.unwritable', `${folder} can't be written to: ${(cause as Error).message}.`, {
    hint: 'Name a folder that you may write to with --out DIR.',
    cause,
  })
}

/** Whoever stops it in between leaves the file as it was. */
async function replaceFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`
  try {
    await writeFile(unfinished, text)
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

/** The way from one folder to another as a link has it: nothing, or with a slash at the end. */
function linkBase(from: string, to: string): string {
  const way = relative(from, to).split(sep).join('/')
  return way === '' ? '' : `${way}/`
}

function shorten(cwd: string, path: string): string {
  const short = relative(cwd, path)
  return short.startsWith('..') ? path : short
}
