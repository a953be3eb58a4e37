import { posix } from 'node:path'

/** A source file, and what it asks for. */
export interface Importing {
  readonly file: string
  readonly requests: readonly string[]
  /** It loads modules by paths that are not written out, too. */
  readonly loads?: boolean | undefined
}

/**
 * A number for each file that is the same for all that are connected by imports, whichever way: the programs of a
 * repository that have nothing to do with each other. A file that loads others by paths that are not written out is
 * taken to load what lies around it.
 */
export function connectFiles(
  all: readonly Importing[],
  resolve: (specifier: string, importer: string) => string | null,
): (file: string) => number {
  const linked = new Map<string, string>()
  const topOf = (file: string): string => {
    let top = file
    for (let next = linked.get(top); next !== undefined; next = linked.get(top)) top = next
    if (top !== file) linked.set(file, top)
    return top
  }
  const connect = (one: string, other: string): void => {
    const [a, b] = [topOf(one), topOf(other)]
    if (a !== b) linked.set(a, b)
  }
  for (const { file, requests, loads } of all) {
    for (const request of requests) connect(file, resolve(request, file) ?? file)
    if (!loads) continue
    const own = posix.dirname(file)
    const above = posix.dirname(own)
    const folder = above === '.' ? own : above
    for (const near of all) if (folder === '.' || near.file.startsWith(`${folder}/`)) connect(file, near.file)
  }
  const numbers = new Map<string, number>()
  return (file) => {
    const top = topOf(file)
    const number = numbers.get(top) ?? numbers.size
    numbers.set(top, number)
    return number
  }
}
