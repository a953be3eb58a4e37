import type { Access } from '../../access.ts'
import type { Site } from '../../style.ts'
import { type Atom, atomsOf, text, unknown, type Value, type Via } from '../../value.ts'
import type { Query } from './query.ts'
import { relatedTable } from './relations.ts'
import { type Embed, HOLE, parseSelect, type Selection } from './select-string.ts'

/** The strings that an argument may be, with a mark where a part of one isn't known. */
export function selectText(value: Value | undefined): string[] {
  return value ? atomsOf(value).flatMap((atom) => textWithHoles(atom) ?? HOLE) : []
}

function textWithHoles(atom: Atom): string | null {
  if (atom.kind === 'text') return atom.text
  return atom.kind === 'template' ? atom.parts.join(HOLE) : null
}

/** What `.select(columns)` reads, of the table and of those embedded; without an argument all columns. */
export function addSelection(query: Query, columns: Value | undefined, site: Site): void {
  if (!columns || (columns.kind === 'literal' && columns.value === undefined)) {
    query.access.unknownColumns()
    return
  }
  for (const atom of atomsOf(columns)) {
    const via = atom.kind === 'text' || atom.kind === 'template' ? atom.via : []
    addParsed(query, query.access, parseSelect(textWithHoles(atom) ?? HOLE), via, '', site)
  }
}

function addParsed(
  query: Query,
  access: Access,
  selection: Selection,
  via: readonly Via[],
  path: string,
  site: Site,
): void {
  access.read(selection.columns)
  if (selection.star) access.unknownColumns()
  for (const embed of selection.embeds) {
    const inner = openEmbed(query, access, embed, via, path, site)
    query.embeds.set(embed.alias, inner).set(embed.target, inner)
    const within = path === '' ? embed.alias : `${path}.${embed.alias}`
    query.embeds.set(within, inner)
    addParsed(query, inner, embed.selection, via, within, site)
  }
}

function openEmbed(
  { client }: Query,
  parent: Access,
  embed: Embed,
  via: readonly Via[],
  path: string,
  site: Site,
): Access {
  return site.open({
    table: () => {
      const found = relatedTable(client.database, parent, embed)
      return found === null
        ? unknown(`it is reached through the column "${embed.target}", and no generated types say where that leads`)
        : text(found, via)
    },
    schema: client.schema,
    operation: 'select',
    key: `${path}.${embed.alias}`,
  })
}
