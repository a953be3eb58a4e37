import { posix } from 'node:path'
import type { Project } from '../../project.ts'
import { parseSchema, type SchemaBlock } from './parse-schema.ts'
import { buildSchema, type PrismaSchema } from './schema.ts'

/**
 * All Prisma schemas of a project. A schema is a folder with a `datasource` or a `generator`; other `.prisma` files
 * belong to the nearest such folder above them (`prisma/schema/**`), where there is one.
 */
export async function readSchemas(project: Project): Promise<PrismaSchema[]> {
  const files: { folder: string; blocks: SchemaBlock[] }[] = []
  for (const file of project.files('.prisma')) {
    const text = await project.read(file)
    if (text !== null) files.push({ folder: folderOf(file), blocks: parseSchema(text) })
  }
  const roots = new Map<string, SchemaBlock[]>()
  for (const { folder, blocks } of files) if (blocks.some(isHead)) roots.set(folder, [])
  for (const { folder, blocks } of files) {
    const root = rootOf(folder, roots) ?? folder
    const all = roots.get(root)
    if (all === undefined) roots.set(root, [...blocks])
    else all.push(...blocks)
  }
  return [...roots].map(([folder, blocks]) => buildSchema(folder, outputsOf(folder, blocks), blocks))
}

const isHead = ({ keyword }: SchemaBlock): boolean => keyword === 'datasource' || keyword === 'generator'

function folderOf(file: string): string {
  const folder = posix.dirname(file)
  return folder === '.' ? '' : folder
}

function rootOf(folder: string, roots: ReadonlyMap<string, unknown>): string | undefined {
  for (let at = folder; ; at = folderOf(at)) {
    if (roots.has(at)) return at
    if (at === '') return undefined
  }
}

function outputsOf(folder: string, blocks: readonly SchemaBlock[]): string[] {
  const outputs: string[] = []
  for (const { keyword, lines } of blocks) {
    if (keyword !== 'generator' || !isClient(lines)) continue
    const output = lines.find(({ name }) => name === 'output')?.value[0]
    if (output !== undefined) outputs.push(posix.join(folder, output.replaceAll('\\', '/')).replace(/\/$/, ''))
  }
  return outputs
}

function isClient(lines: SchemaBlock['lines']): boolean {
  const provider = lines.find(({ name }) => name === 'provider')?.value[0] ?? ''
  return provider === 'prisma-client' || provider === 'prisma-client-js'
}

/**
 * The schema that a client was generated from: the one that names the folder as its output; of a package, the nearest
 * by folders to the file that imports it, since a workspace may hold several.
 */
export function schemaFor(
  schemas: readonly PrismaSchema[],
  importer: string,
  path: string | null,
): PrismaSchema | undefined {
  if (path !== null) {
    const made = schemas.find(({ outputs }) => outputs.some((output) => isWithin(path, output)))
    if (made !== undefined) return made
  }
  const candidates = [...schemas].sort(
    (a, b) => shared(b.folder, importer) - shared(a.folder, importer) || a.folder.length - b.folder.length,
  )
  return candidates[0]
}

/** Whether a path leads to a folder that a client is generated into, or into it. */
export function isGenerated(schemas: readonly PrismaSchema[], path: string): boolean {
  return schemas.some(({ outputs }) => outputs.some((output) => isWithin(path, output)))
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

function shared(folder: string, file: string): number {
  const parts = folder.split('/')
  const others = file.split('/')
  let count = 0
  while (count < parts.length && parts[count] === others[count]) count += 1
  return count
}
