import type { CrossfadeConfig } from '../spec/config.ts'
import { comment, writeValue } from './write-values.ts'

/** What a configuration says besides the mapping: a draft of the mapping takes it over. */
export type KeptWords = Omit<Partial<CrossfadeConfig>, 'oldSchema' | 'newSchema' | 'schema' | 'tables' | 'keep'>

const WHERE: readonly (readonly [word: keyof KeptWords, remark: string])[] = [
  ['database', 'The variable that holds the URL, and a file that is asked for it, too. The URL itself has a password.'],
  ['supabase', 'The API that crossfade check and build try, and the variable that holds its key.'],
  ['code', 'What crossfade map reads.'],
  ['migrations', 'The tool of the migrations, and their folder.'],
]
const SETTINGS: readonly (keyof KeptWords)[] = ['approvals', 'trusted', 'accept', 'sync', 'finish']

/** What a configuration says besides the mapping, for a draft with these new tables. */
export function keepWords({ sync, ...config }: CrossfadeConfig, newTables: readonly string[]): KeptWords {
  const words = Object.entries(config).filter(([word]) =>
    [...WHERE.map(([name]) => name), ...SETTINGS].includes(word as keyof KeptWords),
  )
  if (sync === undefined) return Object.fromEntries(words)
  const { tables = {}, ...others } = sync
  const there = Object.entries(tables).filter(([name]) => newTables.includes(name))
  const kept = there.length === 0 ? others : { ...others, tables: Object.fromEntries(there) }
  return { ...Object.fromEntries(words), sync: kept }
}

/** Lines of the object: where the database, the code and the migrations are. */
export function writeWhere(kept: KeptWords): string[] {
  return WHERE.flatMap(([word, text]) => {
    const line = writeWord(word, kept)
    return line.length === 0 ? [] : [...comment([{ kind: 'reason', text }], '  '), ...line]
  })
}

/** Lines of the object: how Crossfade works. */
export function writeSettings(kept: KeptWords): string[] {
  return SETTINGS.flatMap((word) => writeWord(word, kept))
}

function writeWord(word: keyof KeptWords, kept: KeptWords): string[] {
  const value = kept[word]
  return value === undefined ? [] : [`  ${word}: ${writeValue(value, 2, DEEP, {})},`]
}

/** As parts of a rule stand deep in it: on one line where they fit. */
const DEEP = '..'
