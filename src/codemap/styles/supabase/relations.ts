import type { Access } from '../../access.ts'
import { itemsOf, memberValue, textsOf } from '../../read-value.ts'
import type { Value } from '../../value.ts'
import type { Embed } from './select-string.ts'

/**
 * The table that an embed means. It may be named by a foreign key's column or constraint instead; the generated types
 * list those. Without types a name that ends like a column is not taken for a table: null.
 */
export function relatedTable(database: Value | null, parent: Access, embed: Embed): string | null {
  const { table } = parent.draft
  const schemas = database ? schemasOf(database) : []
  for (const schema of schemas) {
    const tables = memberValue(schema, 'Tables')
    if (memberValue(tables, embed.target) || memberValue(memberValue(schema, 'Views'), embed.target))
      return embed.target
    for (const name of textsOf(typeof table === 'function' ? table() : table).texts) {
      const found = byForeignKey(memberValue(tables, name), embed)
      if (found !== null) return found
    }
  }
  return /_(id|uuid|fkey|fk)$/.test(embed.target) || /[a-z]Id$/.test(embed.target) ? null : embed.target
}

function schemasOf(database: Value): Value[] {
  return database.kind === 'object' ? database.names().flatMap((name) => database.get(name) ?? []) : []
}

function byForeignKey(table: Value | undefined, { target, hints }: Embed): string | null {
  for (const one of itemsOf(memberValue(table, 'Relationships')).items) {
    const names = [
      ...textsOf(memberValue(one, 'foreignKeyName')).texts,
      ...itemsOf(memberValue(one, 'columns')).items.flatMap((column) => textsOf(column).texts),
    ]
    const [referenced] = textsOf(memberValue(one, 'referencedRelation')).texts
    if (
      referenced !== undefined &&
      (names.includes(target) || hints.some((hint) => names.includes(hint) && referenced === target))
    )
      return referenced
  }
  return null
}
