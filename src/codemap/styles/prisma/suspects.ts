import { membersOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { unknown, type Value } from '../../value.ts'
import { DELEGATE_METHODS } from './operations.ts'

/** By method: members of the argument without which it isn't Prisma's. Methods that no other library has need none. */
const NEEDED: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    findUnique: [],
    findUniqueOrThrow: [],
    findFirstOrThrow: [],
    createManyAndReturn: [],
    updateManyAndReturn: [],
    create: ['data'],
    createMany: ['data'],
    update: ['where', 'data'],
    updateMany: ['data'],
    upsert: ['where', 'create', 'update'],
    delete: ['where'],
    deleteMany: ['where'],
    count: ['where'],
    aggregate: ['where'],
    groupBy: ['by'],
  }),
)

/** What `findMany` and `findFirst` may be given; they are known to others, too. */
const OF_FIND = new Set(['where', 'select', 'include', 'omit', 'orderBy', 'cursor', 'take', 'skip', 'distinct'])

const RAW = new Set(['$queryRaw', '$queryRawUnsafe', '$executeRaw', '$executeRawUnsafe'])

/** Lists a call that has the shape of Prisma's, on a receiver of which nothing is known (`prisma[name].update({ … })`). */
export function suspectPrisma(reason: string, method: string, args: readonly Value[], site: Site): Value | undefined {
  if (!RAW.has(method) && !hasShape(method, args)) return undefined
  site.unresolved(DELEGATE_METHODS.get(method) ?? null, reason)
  return unknown(reason)
}

function hasShape(method: string, [first]: readonly Value[]): boolean {
  const names = new Set(membersOf(first).members.map(([name]) => name))
  if (method === 'findMany' || method === 'findFirst')
    return first === undefined || [...names].some((name) => OF_FIND.has(name))
  const needed = NEEDED.get(method)
  return needed?.every((name) => names.has(name)) ?? false
}
