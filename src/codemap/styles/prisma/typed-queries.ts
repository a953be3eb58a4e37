import { posix } from 'node:path'
import type { Project } from '../../project.ts'
import type { PrismaSchema } from './schema.ts'

/** The queries of TypedSQL: `sql/<name>.sql` beside the schema becomes a function `<name>` of the client. */
export async function readTypedQueries(
  project: Project,
  schemas: readonly PrismaSchema[],
): Promise<ReadonlyMap<string, { readonly file: string; readonly text: string }>> {
  const queries = new Map<string, { file: string; text: string }>()
  const folders = new Set(schemas.flatMap(({ folder }) => [posix.join(folder, 'sql'), posix.join(folder, '../sql')]))
  for (const file of project.files('.sql')) {
    if (!folders.has(posix.dirname(file))) continue
    const text = await project.read(file)
    if (text !== null) queries.set(posix.basename(file, '.sql'), { file, text })
  }
  return queries
}
