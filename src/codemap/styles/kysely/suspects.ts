import type { Operation } from '../../interaction.ts'
import type { Site } from '../../style.ts'
import { unknown, type Value } from '../../value.ts'

const METHODS: Readonly<Record<string, Operation>> = {
  selectFrom: 'select',
  insertInto: 'insert',
  updateTable: 'update',
  deleteFrom: 'delete',
  mergeInto: 'update',
}

/** `?.selectFrom('posts')`: nobody else has methods of these names. */
export function suspectKysely(reason: string, method: string, args: readonly Value[], site: Site): Value | undefined {
  const operation = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
  if (!operation || args.length !== 1) return undefined
  site.unresolved(operation, `the client is not known: ${reason}`)
  return unknown(reason)
}
