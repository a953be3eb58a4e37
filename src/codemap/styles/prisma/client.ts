import { itemsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { array, atomsOf, unknown, type Value } from '../../value.ts'
import { memberOf } from './conditions.ts'
import type { PrismaCall } from './model-access.ts'
import { openModel } from './model-access.ts'
import { DELEGATE_METHODS, readOperation } from './operations.ts'
import { readRaw } from './raw.ts'
import { readQuery } from './selection.ts'
import { type PrismaClientOf, type PrismaDelegateOf, type PrismaQueryOf, prisma, prismaOf } from './values.ts'

export const RAW_METHODS: ReadonlySet<string> = new Set([
  '$queryRaw',
  '$executeRaw',
  '$queryRawUnsafe',
  '$executeRawUnsafe',
  '$queryRawTyped',
])

/** Extensions of Prisma itself that give the client back: read replicas. */
const SAME_CLIENT = new Set(['$replica', '$primary'])

/** `prisma.post`, `prisma.$queryRaw`, or what an extension adds. */
export function clientMember(client: PrismaClientOf, name: string, site: Site): Value | undefined {
  if (RAW_METHODS.has(name)) return prisma({ is: 'raw', client, name })
  if (name === '$kysely') return kyselyOf(client, site)
  if (name.startsWith('$')) return undefined
  const model = client.schema?.models.get(name)
  if (model !== undefined) return prisma({ is: 'delegate', client, name, model })
  if (extension(client, ['client', name]) !== undefined) return undefined
  return prisma({ is: 'delegate', client, name, model: null })
}

/** What prisma-extension-kysely adds to the client. */
function kyselyOf({ extensions }: PrismaClientOf, site: Site): Value | undefined {
  for (const atom of extensions.flatMap(atomsOf)) {
    const of = prismaOf(atom)
    const make = of?.is === 'kysely extension' ? memberOf(of.options, 'kysely') : undefined
    if (make !== undefined) return site.call(make, [unknown('it is a driver')])
  }
  return undefined
}

export function callClient(
  client: PrismaClientOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first] = args
  if (RAW_METHODS.has(method)) {
    const accesses = readRaw(client, method, args, site)
    return prisma({ is: 'query', client, accesses, model: null })
  }
  if (method === '$transaction') return first === undefined ? undefined : runTransaction(client, first, site)
  if (method === '$extends') {
    if (first === undefined) return prisma(client)
    // An extension that is a function of the client: Prisma.defineExtension((client) => client.$extends(…)).
    const made = atomsOf(first).some(({ kind }) => kind === 'function') ? site.call(first, [prisma(client)]) : undefined
    if (made !== undefined && atomsOf(made).some((atom) => prismaOf(atom)?.is === 'client')) return made
    return prisma({ ...client, extensions: [...client.extensions, first] })
  }
  if (SAME_CLIENT.has(method)) return prisma(client)
  const added = extension(client, ['client', method])
  return added === undefined ? undefined : site.call(added, args, prisma(client))
}

function runTransaction(client: PrismaClientOf, work: Value, site: Site): Value {
  const { file, line, column } = site.place
  const block = `${file}:${line}:${column}`
  for (const item of itemsOf(work).items) {
    for (const atom of atomsOf(item)) {
      const of = prismaOf(atom)
      if (of?.is === 'query') for (const access of of.accesses) access.transaction(block)
    }
  }
  const isList = atomsOf(work).some(({ kind }) => kind === 'array')
  if (isList) return array([], false)
  return site.call(work, [prisma({ ...client, transaction: client.transaction ?? block })])
}

/** What the extensions of a client hold at a path, the last one first. */
function extension(client: PrismaClientOf, path: readonly string[]): Value | undefined {
  for (const one of client.extensions.toReversed()) {
    let value: Value | undefined = one
    for (const name of path) value = memberOf(value, name)
    if (value !== undefined) return value
  }
  return undefined
}

export function callDelegate(
  { client, name, model }: PrismaDelegateOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const operation = DELEGATE_METHODS.get(method)
  const added = extension(client, ['model', name, method]) ?? extension(client, ['model', '$allModels', method])
  if (added !== undefined) return site.call(added, args, prisma({ is: 'delegate', client, name, model }))
  if (operation === undefined) return undefined
  if (model === null || client.schema === null) {
    const reason =
      client.schema === null
        ? `the project has no Prisma schema that says which table "${name}" is`
        : `the Prisma schema has no model for "${name}"`
    site.open({ table: unknown(reason), operation, transaction: client.transaction })
    return unknown(reason)
  }
  const call: PrismaCall = { site, schema: client.schema, transaction: client.transaction, accesses: [] }
  readOperation(call, model, method, args[0])
  return prisma({ is: 'query', client, accesses: call.accesses, model })
}

/** `prisma.user.findUnique(…).posts(…)` reads the related table. */
export function callQuery(query: PrismaQueryOf, method: string, args: readonly Value[], site: Site): Value | undefined {
  const { client, model } = query
  const relation = model?.relations.get(method)
  const target = relation === undefined ? undefined : client.schema?.models.get(relation.target)
  if (client.schema === null || target === undefined) return undefined
  const call: PrismaCall = { site, schema: client.schema, transaction: client.transaction, accesses: [] }
  const related = openModel(call, target, 'select')
  related.access.filtered(relation?.other ?? [])
  readQuery(related, args[0])
  return prisma({ is: 'query', client, accesses: [...query.accesses, ...call.accesses], model: target })
}

/** Functions of the namespace `Prisma`. */
export function callFunction(name: string, args: readonly Value[]): Value | undefined {
  const [first, second] = args
  if (first === undefined) return undefined
  // Kysely over the client's connection: `client.$kysely` is what its function gives.
  if (name === 'kyselyExtension') return prisma({ is: 'kysely extension', options: first })
  if (name === 'defineExtension' || name === 'getExtensionContext') return first
  if (name === 'validator') return prisma({ is: 'function', name: 'validated' })
  if (name === 'validated') return first
  if (name === 'raw') return prisma({ is: 'text', parts: ['', ''], holes: [first], raw: true })
  if (name === 'sql') return prisma({ is: 'text', parts: ['', ''], holes: [first] })
  if (name === 'join') {
    const items = itemsOf(first).items
    const separator = second === undefined ? ', ' : atomsOf(second).find((atom) => atom.kind === 'text')
    const between = typeof separator === 'string' ? separator : (separator?.text ?? ', ')
    return prisma({ is: 'text', parts: ['', ...items.slice(1).map(() => between), ''], holes: items })
  }
  return undefined
}
