import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, delimiter, dirname, join, relative, resolve } from 'node:path'
import { executableName, isWindows, type ServerUser } from './platform.ts'
import { isReachable } from './reachable.ts'

/** Binaries that the server's user can run as they stand. */
export interface Installation {
  readonly bin: string
  /** For the dynamic linker, when the links to shared libraries couldn't be made in place. */
  readonly libraryPath: string | undefined
}

/**
 * Makes binaries from npm runnable: copies them where the user of the server may not enter node_modules (a checkout
 * under a home of mode 0700), and makes the links to shared libraries that a blocked install script left out.
 * Whatever has to be written elsewhere goes into `runFolder`.
 */
export function installBinaries(native: string, runFolder: string, user: ServerUser | undefined): Installation {
  if (user === undefined || isReachable(join(native, 'bin', executableName('postgres')), user)) {
    return { bin: join(native, 'bin'), libraryPath: linkLibraries(native, runFolder) }
  }
  const copy = join(runFolder, 'native')
  copyReadable(native, copy)
  return { bin: join(copy, 'bin'), libraryPath: linkLibraries(copy, runFolder) }
}

/** A copy (60 MB, about 0.1 s) with modes that do without the umask under which npm unpacked the original. */
function copyReadable(from: string, to: string): void {
  mkdirSync(to)
  chmodSync(to, 0o755)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyReadable(source, target)
    if (!entry.isFile()) continue
    copyFileSync(source, target)
    chmodSync(target, statSync(source).mode & 0o100 ? 0o755 : 0o644)
  }
}

interface Link {
  /** The file that is there, relative to the package: `native/lib/libpq.so.5.18`. */
  readonly source: string
  /** The name under which the linker asks for it: `native/lib/libpq.so.5`. */
  readonly target: string
}

/** Returns a search path if the links had to be made elsewhere, since node_modules is read-only. */
function linkLibraries(native: string, runFolder: string): string | undefined {
  const list = join(native, 'pg-symlinks.json')
  if (isWindows || !existsSync(list)) return undefined
  const inPackage = (path: string) => join(native, relative('native', path))
  const links: Link[] = JSON.parse(readFileSync(list, 'utf8'))
  const missing = links.filter((link) => !existsSync(inPackage(link.target)))
  if (missing.length === 0) return undefined
  try {
    for (const { source, target } of missing) link(relative(dirname(target), source), inPackage(target))
    return undefined
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  const folder = join(runFolder, 'lib')
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  for (const { source, target } of missing) link(resolve(inPackage(source)), join(folder, basename(target)))
  // A library that is found through a link looks for its neighbours beside the link, so both folders are named.
  return [folder, join(native, 'lib')].join(delimiter)
}

function link(target: string, path: string): void {
  try {
    symlinkSync(target, path)
  } catch (error) {
    // Another start made it a moment ago.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
