import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FoundFiles } from './discover/list-files.ts'
import type { Problem } from './interaction.ts'
import type { FileIr } from './ir.ts'
import { readPathAliases } from './modules/path-aliases.ts'
import { createResolver } from './modules/resolve-modules.ts'
import { readPackages } from './modules/workspace-packages.ts'
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

/** Parses the files that are wanted, and those of the project that they import, near and far. */
export async function readProgram(found: FoundFiles, within: (file: string) => boolean): Promise<ReadProgram> {
  const { root, sources, data } = found
  const read = (file: string): string | null => readText(join(root, file))
  const resolver = createResolver(new Set(sources), readPathAliases(data, read), readPackages(data, read))
  const modules = new Map<string, Module>()
  const problems: Problem[] = []
  const seen = new Set<string>()
  for (let next = sources.filter(within); next.length > 0; ) {
    for (const file of next) seen.add(file)
    const further = new Set<string>()
    await parseFiles(root, next, (parsed) => {
      problems.push(...parsed.problems)
      if (parsed.ir === null) return
      const ir = JSON.parse(parsed.ir) as FileIr
      modules.set(parsed.file, { file: parsed.file, ir })
      for (const request of ir.requests) {
        const target = resolver.resolve(request, parsed.file)
        if (target !== null && !seen.has(target)) further.add(target)
      }
    })
    next = [...further]
  }
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
