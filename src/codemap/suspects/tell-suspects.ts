import type { SuspectGroup } from '../interaction-map.ts'
import { sorted } from '../queries/tables.ts'
import { LIKELY, type Likeness } from './compare-pair.ts'
import type { Suspects } from './find-suspects.ts'

const EXAMPLES = 6

/** The group as the map has it: for each two of its tables what speaks for them, in sentences. */
export function tellSuspects({ tables, score, pairs }: Suspects): SuspectGroup {
  return {
    tables,
    score: Math.round(score * 100) / 100,
    evidence: pairs.filter((one) => one.score >= LIKELY / 2).flatMap(tellPair),
  }
}

function tellPair(pair: Likeness): string[] {
  const both = `${pair.a} and ${pair.b}`
  const sentences = [...tellName(pair), ...tellColumns(pair), ...tellWriters(pair), ...tellValues(pair)]
  if (pair.readers.length > 0) sentences.push(`the same columns of both are read in ${list(names(pair.readers))}`)
  return sentences.map((sentence) => `${both}: ${sentence}.`)
}

function tellName({ qualifiers, words }: Likeness): string[] {
  if (qualifiers !== null) {
    return [qualifiers.length > 0 ? `the names differ by ${list(qualifiers)} only` : 'the names have the same words']
  }
  return words.length > 1 ? [`the names share ${list(words)}`] : []
}

function tellColumns({ columns }: Likeness): string[] {
  if (columns.length === 0) return []
  return [`${columns.length === 1 ? '1 column' : `${columns.length} columns`} of the same name: ${list(columns)}`]
}

function tellWriters({ writers }: Likeness): string[] {
  return writers.length === 0 ? [] : [`written side by side in ${list(names(writers))}`]
}

function tellValues({ values }: Likeness): string[] {
  if (values.length === 0) return []
  const told = values.map(({ text, columns: [a, b] }) => {
    const into = a === b ? a : `${a} and ${b}`
    return `${text.length > 40 ? `${text.slice(0, 39)}…` : text} → ${into}`
  })
  return [`the same values are put into both: ${list(told, '; ')}`]
}

function list(items: readonly string[], separator = ', '): string {
  const more = items.length - EXAMPLES
  if (more < 2) return items.join(separator)
  return `${items.slice(0, EXAMPLES).join(separator)} and ${more} more`
}

/** The names of functions without their files; at the level of a module, the file. */
function names(ids: readonly string[]): string[] {
  return sorted(
    ids.map((id) => {
      const [file = id, name = ''] = id.split('#')
      return name === '' ? file : name
    }),
  )
}
