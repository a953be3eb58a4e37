import type { CatalogColumn } from '../catalog/types.ts'
import { literal } from '../lib/sql.ts'
import type { VocabularySpec } from './config.ts'

/** SQL that gives the new word for an old one, as text; null stays null. What isn't in the list becomes null, stays, or becomes one word. */
export function buildWords(spec: VocabularySpec, from: string): string {
  const old = `(${from})::text`
  const words = Object.entries(spec.values).map(([word, becomes]) => whenThen(word, becomes))
  const unknown = (): string => {
    if (spec.unknown === 'keep') return old
    if (typeof spec.unknown === 'object')
      return spec.unknown.as === null ? 'NULL' : `CASE WHEN ${old} IS NOT NULL THEN ${text(spec.unknown.as)} END`
    return 'NULL'
  }
  return `CASE ${old} ${words.join(' ')} ELSE ${unknown()} END`
}

/** SQL that gives the old word for a new one: the first that the list has for it. */
export function buildWordsBack(spec: VocabularySpec, column: string, old: CatalogColumn): string {
  const first = new Map<string, string>()
  for (const [word, becomes] of Object.entries(spec.values)) if (!first.has(becomes)) first.set(becomes, word)
  const words = [...first].map(([becomes, word]) => whenThen(becomes, word))
  return `(CASE (${column})::text ${words.join(' ')} ELSE ${spec.unknown === 'keep' ? `(${column})::text` : 'NULL'} END)::${old.type}`
}

function whenThen(word: string, becomes: string): string {
  return `WHEN ${text(word)} THEN ${text(becomes)}`
}

function text(word: string): string {
  return literal(word).text.trim()
}
