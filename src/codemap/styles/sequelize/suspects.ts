import type { Operation } from '../../interaction.ts'
import { membersOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { unknown, type Value } from '../../value.ts'

/** Methods that no other library has. */
const ALONE: Readonly<Record<string, Operation>> = {
  findByPk: 'select',
  findAndCountAll: 'select',
  findOrCreate: 'insert',
  findOrBuild: 'select',
  bulkCreate: 'insert',
}

/** Options of `findAll` and `findOne` that others don't have. */
const OPTIONS = new Set(['include', 'attributes', 'raw', 'paranoid'])

/** `?.findByPk(id)`, `?.findAll({ where, include })` on a model that isn't known. */
export function suspectSequelize(
  reason: string,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const operation = Object.hasOwn(ALONE, method) ? ALONE[method] : isFind(method, args) ? 'select' : undefined
  if (!operation) return undefined
  site.unresolved(operation, `the model is not known: ${reason}`)
  return unknown(reason)
}

function isFind(method: string, [options]: readonly Value[]): boolean {
  if (method !== 'findAll' && method !== 'findOne') return false
  const names = membersOf(options).members.map(([name]) => name)
  return names.includes('where') && (method === 'findAll' || names.some((name) => OPTIONS.has(name)))
}
