import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FoundFiles } from './discover/list-files.ts'
import type { Problem } from './interaction.ts'
import type { FileIr } from './ir.ts'
import { connectFiles } from './modules/connected-files.ts'
import { readPathAliases } from './modules/path-aliases.ts'
import { createResolver } from './modules/resolve-modules.ts'
import { readPackages } from './modules/workspace-packages.ts'
import type { ParsedFile } from './parse/parse-file.ts'
import { parseFiles } from './parse/parse-files.ts'
import type { Module, Program } from './program.ts'
import type { Project } from './project.ts'

export interface ReadProgram {
  readonly program: Program
  readonly problems: readonly Problem[]
}

/** What styles may read of the project besides its code. */
export function readProject({ root, data }: FoundFiles): Project {
  return {
    files: (ending) => data.filter((file) => file.endsWith(ending)),
    read: async (file) => readText(join(root, file)),
  }
}

/**
 * Parses the files that are wanted, and those of the project that they import, near and far. Programs of the repository
 * that have nothing to do with a database are left out then.
 */
export async function readProgram(found: FoundFiles, within: (file: string) => boolean): Promise<ReadProgram> {
  const { root, sources, data } = found
  const read = (file: string): string | null => readText(join(root, file))
  const resolver = createResolver(new Set(sources), readPathAliases(data, read), readPackages(data, read))
  const modules = new Map<string, Module>()
  const take = ({ file, ir }: ParsedFile): void => {
    if (ir !== null) modules.set(file, { file, ir: JSON.parse(ir) as FileIr })
  }
  const all: ParsedFile[] = []
  const problems: Problem[] = []
  const seen = new Set<string>()
  for (let next = sources.filter(within); next.length > 0; ) {
    for (const file of next) seen.add(file)
    const further = new Set<string>()
    await parseFiles(root, next, (parsed) => {
      problems.push(...parsed.problems)
      all.push(parsed)
      if (parsed.signs) take(parsed)
      for (const request of parsed.requests) {
        const target = resolver.resolve(request, parsed.file)
        if (target !== null && !seen.has(target)) further.add(target)
      }
    })
    next = [...further]
  }
  // Of the others those that are connected with one of these.
  const programOf = connectFiles(all, resolver.resolve)
  const followed = new Set(all.filter(({ signs }) => signs).map(({ file }) => programOf(file)))
  for (const one of all) if (!one.signs && followed.has(programOf(one.file))) take(one)
  const program: Program = {
    files: [...modules.keys()].sort(),
    module: (file) => modules.get(file) ?? null,
    ...resolver,
  }
  return { program, problems }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
