import { posix } from 'node:path'
import type { FileIr } from '../ir.ts'
import type { Module, Program } from '../program.ts'

/**
 * A number for each file that is the same for all that are connected by imports, whichever way: the programs of a
 * repository that have nothing to do with each other. A file that loads others by paths that are not written out is
 * taken to load what lies around it.
 */
export function connectFiles(program: Program, modules: readonly Module[]): (ir: FileIr) => number {
  const above = new Map<string, string>()
  const topOf = (file: string): string => {
    let top = file
    for (let next = above.get(top); next !== undefined; next = above.get(top)) top = next
    if (top !== file) above.set(file, top)
    return top
  }
  const connect = (one: string, other: string): void => {
    const [a, b] = [topOf(one), topOf(other)]
    if (a !== b) above.set(a, b)
  }
  for (const { file, ir } of modules) {
    for (const request of ir.requests) connect(file, program.resolve(request, file) ?? file)
    if (!ir.loads) continue
    const folder = posix.dirname(posix.dirname(file))
    for (const near of modules) if (folder === '.' || near.file.startsWith(`${folder}/`)) connect(file, near.file)
  }
  const numbers = new Map<string, number>()
  const byIr = new Map<FileIr, number>()
  for (const { file, ir } of modules) {
    const top = topOf(file)
    const number = numbers.get(top) ?? numbers.size
    numbers.set(top, number)
    byIr.set(ir, number)
  }
  return (ir) => byIr.get(ir) ?? 0
}
