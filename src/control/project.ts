import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../lib/errors.ts'
import { markArtifact } from '../lib/own-files.ts'
import type { CrossfadeConfig } from '../spec/config.ts'
import { type ConfigPlace, readConfig } from './read-config.ts'

export interface Script {
  readonly path: string
  readonly text: string
}

/** The files that a person wrote: the mapping and the new schema's DDL, and the folder for artifacts. */
export interface Project {
  readonly config: CrossfadeConfig
  readonly configPath: string
  readonly ddl: string
  readonly ddlPath: string
  /** What finish runs when the old tables have left. */
  readonly also?: Script
  readonly outDir: string
}

/** Throws UsageError when a file is missing, doesn't load, or isn't a mapping, and for one that has no tables yet. */
export async function loadProject(options: ConfigPlace & { readonly out?: string }): Promise<Project> {
  const { config, path: configPath } = await readConfig(options)
  assertTables(config, configPath)
  const ddlPath = resolve(dirname(configPath), config.schema)
  const ddl = await readFile(ddlPath, 'utf8').catch((cause: unknown) => {
    throw new UsageError('config.schema', `The new schema's DDL can't be read: ${ddlPath}`, {
      hint: `"schema" in ${configPath} is a path relative to it.`,
      cause,
    })
  })
  const also = await readAlso(config, configPath)
  const outDir = resolve(options.cwd, options.out ?? 'crossfade')
  return { config, configPath, ddl, ddlPath, ...(also ? { also } : {}), outDir }
}

function assertTables({ tables }: CrossfadeConfig, path: string): void {
  if (Object.keys(tables).length > 0) return
  throw new UsageError('config.empty', `The mapping in ${path} has no tables yet.`, {
    hint:
      'crossfade design writes a draft of them, from what is in the database; crossfade map, snapshot and overlap show it ' +
      'before. Or write them yourself: tables: { posts: merge({ … }) }',
  })
}

async function readAlso(config: CrossfadeConfig, configPath: string): Promise<Script | null> {
  if (config.finish?.also === undefined) return null
  const path = resolve(dirname(configPath), config.finish.also)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError('config.also', `The script of finish can't be read: ${path}`, {
      hint: `"finish.also" in ${configPath} is a path relative to it.`,
      cause,
    })
  })
  return { path, text }
}

/** Writes an artifact for people; returns its path. Throws UsageError where it can't be written. */
export async function writeArtifact(project: Project, name: string, content: string): Promise<string> {
  const path = resolve(project.outDir, name)
  try {
    await mkdir(project.outDir, { recursive: true })
    // Where the new schema is written in that folder, this is the person's own file, and approved as it is.
    await writeFile(path, path === project.ddlPath ? content : markArtifact(name, content))
  } catch (cause) {
    throw new UsageError('out.unwritable', `${path} can't be written: ${(cause as Error).message}`, {
      hint: 'Name a folder that you may write to with --out DIR.',
      cause,
    })
  }
  return path
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
