import type { CodeGraph } from './code-graph.ts'
import { findRoot, listFiles } from './discover/list-files.ts'
import { leaveOutOwn, type OwnFiles } from './discover/own-files.ts'
import { evaluateProgram } from './evaluate/evaluate-program.ts'
import { buildGraph } from './graph/build-graph.ts'
import type { Interaction, Problem, Unresolved } from './interaction.ts'
import { buildInteractions, byPlace } from './interactions.ts'
import { presentStyles } from './present-styles.ts'
import type { Project } from './project.ts'
import { readProgram, readProject } from './read-program.ts'
import type { SqlCatalog } from './sql/catalog.ts'
import { STYLES } from './styles/all.ts'
import { readSqlFiles } from './styles/sql/read-sql-files.ts'

export interface CodeMap {
  /** All paths in it are from here. */
  readonly root: string
  /** The source files that were looked at. */
  readonly files: readonly string[]
  readonly interactions: readonly Interaction[]
  readonly unresolved: readonly Unresolved[]
  readonly problems: readonly Problem[]
  readonly graph: CodeGraph
  /** What the DDL of the project says of its database. */
  readonly catalog: SqlCatalog
}

/**
 * Reads the code under `paths` (the current folder where none is named) and says where it touches the database. Throws
 * UsageError for a path that isn't there.
 */
export async function readCodeMap(cwd: string, paths: readonly string[] = [], own: OwnFiles = {}): Promise<CodeMap> {
  const { root, within } = findRoot(cwd, paths)
  const found = leaveOutOwn(listFiles(root), own)
  const project = readProject(found)
  // The workers parse meanwhile.
  const [{ program, problems }, sql] = await Promise.all([readProgram(found, within), readSqlFiles(project)])
  const styles = presentStyles(program, STYLES)
  const models = await Promise.all(styles.map(async (style) => await style.create(project)))
  const book = evaluateProgram(program, models, {
    words: styles.flatMap((style) => style.words),
    libraries: styles.map((style) => style.modules),
    callable: styles.filter((style) => style.callable).map((style) => style.modules),
  })
  const code = buildInteractions(book)
  const faults = [...book.faults].map(([file, message]): Problem => ({ file, message }))
  const files = found.sources.filter(within)
  return {
    root,
    files,
    graph: buildGraph(program, files, await readManifests(project), code.interactions, sql.catalog),
    catalog: sql.catalog,
    interactions: [...code.interactions, ...sql.interactions].filter(({ file }) => within(file)).sort(byPlace),
    unresolved: [...code.unresolved, ...sql.unresolved].filter(({ file }) => within(file)).sort(byPlace),
    problems: [...[...found.problems, ...sql.problems, ...faults].filter(({ file }) => within(file)), ...problems].sort(
      (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0),
    ),
  }
}

async function readManifests(project: Project): Promise<(readonly [file: string, text: string])[]> {
  const files = project.files('package.json').filter((file) => /(^|\/)package\.json$/.test(file))
  return await Promise.all(files.map(async (file) => [file, (await project.read(file)) ?? ''] as const))
}
