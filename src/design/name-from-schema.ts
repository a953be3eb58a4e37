import type { OverlapDocument } from '../overlap/overlap-document.ts'

/** The report with names as seen from one schema: its own tables bare, those of `public` qualified, too. */
export function nameFromSchema(document: OverlapDocument, schema: string): OverlapDocument {
  if (schema === 'public') return document
  const rename = (name: string): string => {
    if (name.startsWith(`${schema}.`)) return name.slice(schema.length + 1)
    return name.includes('.') ? name : `public.${name}`
  }
  const inTable = <Value extends { readonly table: string }>(one: Value): Value => ({
    ...one,
    table: rename(one.table),
  })
  return {
    ...document,
    tables: document.tables.map((one) => ({ ...one, name: rename(one.name), shows: one.shows.map(rename) })),
    identities: document.identities.map((one) => ({ ...one, members: one.members.map(inTable) })),
    keys: document.keys.map(inTable),
    groups: document.groups.map((group) => ({
      ...{ ...group, tables: group.tables.map(rename), keyed: group.keyed.map(rename) },
      sets: group.sets.map((set) => ({ ...set, tables: set.tables.map(rename) })),
    })),
    pairs: document.pairs.map((pair) => ({ ...pair, left: rename(pair.left), right: rename(pair.right) })),
    links: document.links.map((link) => ({ ...inTable(link), through: rename(link.through) })),
  }
}
