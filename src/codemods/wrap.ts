import { type Changed, NOTHING, type Place, type Told, unparsed } from './changed.ts'
import { findClients, type Unsure } from './clients.ts'
import { applyEdits, type Edit } from './edits.ts'
import type { OwnLibrary } from './libraries.ts'
import { type OwnImport, ownImport } from './own-import.ts'
import { lineOf, parseText } from './source.ts'
import { unwrapText } from './unwrap.ts'
import { wrapFetch } from './wrap-fetch.ts'
import { wrapPool } from './wrap-pool.ts'

/** Wraps the clients that a file makes, where it is sure what they get. Done twice it is done once. */
export function wrapText(file: string, text: string): Changed {
  const { source, error } = parseText(file, text)
  if (source === null) return unparsed(text, error)
  const { imported, clients, unsure } = findClients(source)
  const told: Unsure[] = [...unsure]
  const [changed, done, edits]: [Place[], Place[], Edit[]] = [[], [], []]
  const imports = new Map<OwnLibrary, OwnImport>()
  for (const client of clients) {
    const own: OwnLibrary = client.kind === 'fetch' ? 'own/supabase' : 'own/pg'
    const taken = new Set([...imports.values()].map(({ name }) => name))
    const known = imports.get(own) ?? ownImport(source, imported, own, client.exported, taken)
    const result = client.kind === 'fetch' ? wrapFetch : wrapPool
    const { is, ...made } = result(source, imported, client, known?.name ?? 'crossfade')
    const { callee, start } = client.node
    const place = {
      line: lineOf(text, start),
      what: `${client.kind === 'pool' ? 'new ' : ''}${text.slice(callee.start, callee.end)}`,
    }
    if ('unsure' in made) told.push(made.unsure)
    else if (is === 'wrapped') done.push(place)
    else if (known === null) told.push({ at: start, ...NO_FORM })
    else if ('edits' in made) {
      imports.set(own, known)
      changed.push(place)
      edits.push(...made.edits)
    }
  }
  // First, since a client may be made where the file begins.
  edits.unshift(...[...imports.values()].flatMap((one) => one.edits))
  const result = {
    ...{ text: applyEdits(text, edits), edits, clients: changed, done },
    unsure: told.map(({ at, why, write }) => ({ line: lineOf(text, at), why, write })),
  }
  if (edits.length === 0 || canBeUndone(file, text, result.text)) return result
  const why = 'what it would become could not be taken back to the byte'
  const asIs = changed.map(({ line }): Told => ({ line, why, write: 'the line by hand, as docs/supabase.md says' }))
  return { ...NOTHING, text, done, unsure: [...result.unsure, ...asIs] }
}

const NO_FORM = {
  why: "whether the file is a module or a script can't be told: it has no import, export or require",
  write: 'import { crossfade } from pg-crossfade in it, then crossfade codemod wrap again',
}

/** The promise is held before anything is written. A file that a person has wrapped a part of goes back to before that. */
function canBeUndone(file: string, before: string, after: string): boolean {
  if (parseText(file, after).error !== null) return false
  return before.includes('pg-crossfade') || unwrapText(file, after).text === before
}
