import { createHash } from 'node:crypto'
import type { Fact, Facts, Inventory, InventoryObject } from './inventory.ts'

export interface CompareOptions {
  /** Whether an object of another owner counts as different. Default true. */
  readonly owners?: boolean
}

/** SHA-256, in hex, of everything in it; equal inventories have equal ones. */
export function fingerprintInventory(inventory: Inventory, options: CompareOptions = {}): string {
  const hash = createHash('sha256')
  for (const line of inventory.map((object) => JSON.stringify([keyOf(object), factsOf(object, options)])).sort())
    hash.update(`${line}\n`)
  return hash.digest('hex')
}

/** One sentence for each difference, sorted: `column public.posts.mood: type changed from text to public.mood`. */
export function compareInventories(before: Inventory, after: Inventory, options: CompareOptions = {}): string[] {
  const old = new Map(before.map((object) => [keyOf(object), object]))
  const now = new Map(after.map((object) => [keyOf(object), object]))
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)]
    if (was === undefined) return [`${key} was added`]
    if (is === undefined) return [`${key} was removed`]
    return compareFacts(factsOf(was, options), factsOf(is, options)).map((change) => `${key}: ${change}`)
  })
}

function compareFacts(was: Facts, is: Facts): string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].sort().flatMap((fact) => {
    const [before, after] = [tell(was[fact]), tell(is[fact])]
    return before === after ? [] : [`${fact} changed from ${before} to ${after}`]
  })
}

function tell(fact: Fact | undefined): string {
  if (fact === undefined) return 'nothing'
  return typeof fact === 'string' ? fact : JSON.stringify(fact)
}

function factsOf(object: InventoryObject, { owners = true }: CompareOptions): Facts {
  if (owners) return object.facts
  const { owner: _, ...rest } = object.facts
  return rest
}

function keyOf({ kind, name }: InventoryObject): string {
  return `${kind} ${name}`
}
