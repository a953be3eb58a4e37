import type { ImportedFrom } from '../../style.ts'
import { object, text, type Value } from '../../value.ts'
import { isGenerated, schemaFor } from './read-schemas.ts'
import type { PrismaSchema } from './schema.ts'
import { type PrismaClientOf, prisma } from './values.ts'

/** The schema that an import's client was made from; null: a client without a schema; undefined: not Prisma at all. */
export function importedSchema(schemas: readonly PrismaSchema[], from: ImportedFrom): PrismaSchema | null | undefined {
  const { specifier, importer, path } = from
  const isClient =
    path === null
      ? /^@prisma\/client(\/(edge|wasm|sql|default|react-native|index.*))?$|^\.prisma\/client/.test(specifier) ||
        schemas.some(({ outputs }) => outputs.some((output) => isPackage(output, specifier)))
      : isGenerated(schemas, path)
  return isClient ? (schemaFor(schemas, importer, path ?? packagePath(schemas, specifier)) ?? null) : undefined
}

/** `output = "../node_modules/@acme/client"` and `import … from '@acme/client/edge'`. */
function isPackage(output: string, specifier: string): boolean {
  const name = /(?:^|\/)node_modules\/(.+)$/.exec(output)?.[1]
  return name !== undefined && (specifier === name || specifier.startsWith(`${name}/`))
}

function packagePath(schemas: readonly PrismaSchema[], specifier: string): string | null {
  const outputs = schemas.flatMap((schema) => schema.outputs)
  return outputs.find((output) => isPackage(output, specifier)) ?? null
}

/** What a generated client exports under a name. */
export function exportOf(schema: PrismaSchema | null, name: string): Value | undefined {
  if (name === 'PrismaClient') return prisma({ is: 'constructor', schema })
  if (name === 'Prisma') return prisma({ is: 'namespace', schema })
  if (name === '$Enums') return enumsOf(schema)
  // `import client from '@prisma/client'`, since the package is CommonJS.
  if (name === 'default') {
    const members = { PrismaClient: prisma({ is: 'constructor', schema }), Prisma: prisma({ is: 'namespace', schema }) }
    return object({ ...members, ...Object.fromEntries(enumEntries(schema)) })
  }
  const words = schema?.enums.get(name)
  return words === undefined ? undefined : enumOf(words)
}

function enumOf(words: ReadonlyMap<string, string>): Value {
  return object(Object.fromEntries([...words.keys()].map((word) => [word, text(word)])))
}

function enumEntries(schema: PrismaSchema | null): [string, Value][] {
  return [...(schema?.enums ?? [])].map(([name, words]) => [name, enumOf(words)])
}

function enumsOf(schema: PrismaSchema | null): Value {
  return object(Object.fromEntries(enumEntries(schema)))
}

/** A client as it is made, before any transaction or extension. */
export function plainClient(schema: PrismaSchema | null): PrismaClientOf {
  return { is: 'client', schema, transaction: null, extensions: [] }
}

/** What something of a type of the generated client is. */
export function typeOf(schema: PrismaSchema | null, name: string): Value | undefined {
  const inner = name.startsWith('Prisma.') ? name.slice('Prisma.'.length) : name
  if (inner === 'PrismaClient' || inner === 'TransactionClient') return prisma(plainClient(schema))
  const delegate = /^(\w+)Delegate$/.exec(inner)?.[1]
  if (delegate === undefined) return undefined
  const key = delegate.charAt(0).toLowerCase() + delegate.slice(1)
  const model = schema?.models.get(key)
  if (model === undefined) return undefined
  return prisma({ is: 'delegate', client: plainClient(schema), name: key, model })
}

/** Members of the namespace `Prisma` that hold names: `Prisma.ModelName.Post`, `Prisma.PostScalarFieldEnum.title`. */
export function namespaceMember(schema: PrismaSchema | null, name: string): Value | undefined {
  if (FUNCTIONS.has(name)) return prisma({ is: 'function', name })
  if (name === 'empty') return prisma({ is: 'text', parts: [''], holes: [] })
  if (name === 'PrismaClient') return prisma({ is: 'constructor', schema })
  if (name === 'ModelName') return names([...(schema?.models.values() ?? [])].map((model) => model.name))
  const fields = /^(\w+)ScalarFieldEnum$/.exec(name)?.[1]
  if (fields === undefined) return undefined
  const model = [...(schema?.models.values() ?? [])].find((one) => one.name === fields)
  return model === undefined ? undefined : names([...model.columns.keys()])
}

const FUNCTIONS = new Set(['sql', 'raw', 'join', 'validator', 'defineExtension', 'getExtensionContext', 'skip'])

function names(all: readonly string[]): Value {
  return object(Object.fromEntries(all.map((name) => [name, text(name)])))
}
