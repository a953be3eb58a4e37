import type { TableFacts } from '../queries/table-facts.ts'
import type { Suspects } from './find-suspects.ts'

/**
 * Of tables that look like the same thing, those that another makes superfluous: it has to do with more of the program,
 * whatever function writes the one writes the other as well, and nobody reads the one who doesn't read the other. By
 * key, the sentence that says so.
 */
export function findShadows(groups: readonly Suspects[], facts: readonly TableFacts[]): Map<string, string> {
  const byKey = new Map(facts.map((one) => [one.key, one]))
  const shadows = new Map<string, string>()
  for (const { pairs } of groups) {
    for (const { a, b, writers } of pairs) {
      const [one, other] = [byKey.get(a), byKey.get(b)]
      if (one === undefined || other === undefined) continue
      const [less, more] = one.reach < other.reach ? [one, other] : [other, one]
      if (shadows.has(less.key) || less.reach === more.reach || !covers(more, less, writers)) continue
      const readers = less.readers.length > 0 ? ', and whoever reads it reads that too' : ' and is not read'
      shadows.set(less.key, `It is in the shadow of ${more.key}: it is only written beside it${readers}.`)
    }
  }
  return shadows
}

/** `together` holds the functions in whose reach both are written; those that they call stand beside them. */
function covers(more: TableFacts, less: TableFacts, together: readonly string[]): boolean {
  if (less.writers.length === 0 || more.readers.length === 0) return false
  const files = new Set(together.map(fileOf))
  const beside = less.writers.every((id) => more.writers.includes(id) || files.has(fileOf(id)))
  return beside && less.readers.every((id) => more.readers.includes(id))
}

function fileOf(id: string): string {
  return id.slice(0, id.indexOf('#'))
}
