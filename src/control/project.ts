import { createHash } from 'node:crypto'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { UsageError } from '../lib/errors.ts'
import { CONFIG_NAMES, markArtifact } from '../lib/own-files.ts'
import type { CrossfadeConfig } from '../spec/config.ts'
import { validateConfig } from '../spec/validate-config.ts'

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

/** Throws UsageError when a file is missing, doesn't load, or isn't a mapping. */
export async function loadProject(options: { config?: string; out?: string; cwd: string }): Promise<Project> {
  const configPath = await findConfig(options)
  const config = validateConfig(await importConfig(configPath), configPath)
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

async function findConfig(options: { config?: string; cwd: string }): Promise<string> {
  const candidates = (options.config === undefined ? CONFIG_NAMES : [options.config]).map((name) =>
    resolve(options.cwd, name),
  )
  for (const path of candidates) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    ) {
      return path
    }
  }
  throw new UsageError('config.missing', `There is no configuration: ${candidates[0]}`, {
    hint: 'Write a crossfade.config.ts (see the configuration reference), or name one with --config FILE.',
  })
}

async function importConfig(path: string): Promise<unknown> {
  const here = fileURLToPath(import.meta.url)
  // The configuration imports the package by name, also where it isn't installed beside it.
  const own = fileURLToPath(new URL(`../index${here.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))
  const jiti = createJiti(path, { alias: { 'pg-crossfade': own }, moduleCache: false, fsCache: false })
  try {
    return await jiti.import(path, { default: true })
  } catch (cause) {
    throw new UsageError('config.load', `${path} can't be loaded: ${describeLoadError(cause)}`, {
      hint: 'It is TypeScript that ends in: export default defineConfig({ … }).',
      cause,
    })
  }
}

/** On one line, without the list of modules that Node adds. */
function describeLoadError(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  const [first = message] = message.split('\nRequire stack:')
  return first
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
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
