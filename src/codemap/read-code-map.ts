import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listFiles } from './discover/list-files.ts'
import { evaluateProgram } from './evaluate/evaluate-program.ts'
import type { Interaction, Problem, Unresolved } from './interaction.ts'
import { buildInteractions } from './interactions.ts'
import { readPathAliases } from './modules/path-aliases.ts'
import { createResolver } from './modules/resolve-modules.ts'
import { readPackages } from './modules/workspace-packages.ts'
import { parseSource } from './parse-source.ts'
import type { Module, Program } from './program.ts'
import type { Project } from './project.ts'
import { STYLES } from './styles/all.ts'

export interface CodeMap {
  readonly files: readonly string[]
  readonly interactions: readonly Interaction[]
  readonly unresolved: readonly Unresolved[]
  readonly problems: readonly Problem[]
}

/** Reads all code under `root` and says where it touches the database. */
export async function readCodeMap(root: string): Promise<CodeMap> {
  const all = await listFiles(root)
  const sources = all.filter((file) => /\.[cm]?[jt]sx?$/.test(file))
  const problems: Problem[] = []
  const modules = new Map<string, Module>()
  for (const file of sources) {
    const { ir, errors } = parseSource(file, await readFile(join(root, file), 'utf8'))
    const [error] = errors
    if (error !== undefined) problems.push({ file, message: error })
    if (ir) modules.set(file, { file, ir })
  }
  const read = (file: string): string | null => {
    try {
      return readFileSync(join(root, file), 'utf8')
    } catch {
      return null
    }
  }
  const resolver = createResolver(new Set(sources), readPathAliases(all, read), readPackages(all, read))
  const program: Program = {
    files: sources,
    module: (file) => modules.get(file) ?? null,
    resolve: resolver.resolve,
    target: resolver.target,
  }
  const project: Project = {
    files: (ending) => all.filter((file) => file.endsWith(ending)),
    read: async (file) => await readFile(join(root, file), 'utf8').catch(() => null),
  }
  const models = await Promise.all(STYLES.map(async (style) => await style.create(project)))
  const book = evaluateProgram(
    program,
    models,
    STYLES.flatMap((style) => style.words),
  )
  return { files: sources, ...buildInteractions(book), problems }
}
