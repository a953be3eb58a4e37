import { markdownCode } from '../../codemap/pages/markdown-text.ts'
import type { MigrationDifference } from '../migrations/compare-folder.ts'
import { count } from './words.ts'

/** The catalog is the truth; what a folder of migrations says otherwise is said here. */
export function writeMigrations(difference: MigrationDifference | null): string[] {
  if (difference === null) return []
  const { tool, folder, files, onlyInCatalog, onlyInFolder, tables, unparsed, hidden } = difference
  const list = (names: readonly string[]) => names.map(markdownCode).join(', ')
  const lines = [
    ...(onlyInCatalog.length > 0 ? [`- Only in the database, in no file: ${list(onlyInCatalog)}.`] : []),
    ...(onlyInFolder.length > 0 ? [`- Only in the files, not in the database: ${list(onlyInFolder)}.`] : []),
    ...tables.flatMap((one) => [
      ...(one.onlyInCatalog.length > 0 ? [`- ${markdownCode(one.table)}: in no file ${list(one.onlyInCatalog)}.`] : []),
      ...(one.onlyInFolder.length > 0
        ? [`- ${markdownCode(one.table)}: only in the files ${list(one.onlyInFolder)}.`]
        : []),
    ]),
  ]
  const unread = [
    ...(unparsed > 0 ? [`${count(unparsed, 'statement')} could not be parsed`] : []),
    ...(hidden > 0 ? [`${count(hidden, 'DO block')} may do more than the text tells`] : []),
  ]
  return [
    '## The migrations folder',
    '',
    `Everything above is what the database has. ${markdownCode(folder)} (${tool}, ${count(files, 'file')}) says the same` +
      `${lines.length === 0 ? ' of tables and columns.' : ', but for this:'}${unread.length > 0 ? ` ${unread.join('; ')}.` : ''}`,
    '',
    ...lines,
    '',
  ]
}
