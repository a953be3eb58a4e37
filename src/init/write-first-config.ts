import { quote } from '../design/write-values.ts'
import { type KeptWords, writeWhere } from '../design/write-words.ts'

/** The text of a configuration without a mapping: `crossfade design` replaces it and keeps its words. */
export function writeFirstConfig(
  words: Pick<KeptWords, 'database' | 'code' | 'migrations'>,
  oldSchema: string,
): string {
  return [
    `import { defineConfig } from 'pg-crossfade'`,
    '',
    '// How to go on, each with what it writes in crossfade/:',
    '//   crossfade map        every place where the code touches the database',
    '//   crossfade snapshot   what is in the database, exactly',
    `//   crossfade overlap    which tables hold the same facts, and how well they agree`,
    '//   crossfade design     a draft of the new schema and of the mapping, in place of this file. It keeps what is said here,',
    '//                        and if you have changed the file, the draft goes beside it.',
    'export default defineConfig({',
    ...writeWhere(words),
    '  // Where the old tables are; the new ones are built beside them, and come here with crossfade move.',
    `  oldSchema: ${quote(oldSchema)},`,
    `  newSchema: ${quote(oldSchema === 'new_schema' ? 'next_schema' : 'new_schema')},`,
    '  // The DDL of the new tables; it is not there yet.',
    `  schema: './NEW_PERFECT_SCHEMA.sql',`,
    '  // New tables, each with the old ones that feed it: posts: merge({ key: "id", sources: { drafts: {}, tweets: {} } })',
    '  tables: {},',
    '})',
    '',
  ].join('\n')
}
