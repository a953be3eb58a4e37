import { type SqlText, unknownText, words } from '../../sql/sql-text.ts'

/** The text of the file of the project whose path ends as the code says, where there is just one. */
export function sqlOfFile(path: string | null, texts: ReadonlyMap<string, string>): SqlText {
  const end = path?.replace(/^(\.{1,2}\/|\/)+/, '')
  const found = end === undefined ? [] : [...texts].filter(([file]) => file === end || file.endsWith(`/${end}`))
  const [only] = found
  return found.length === 1 && only
    ? [words(only[1])]
    : [unknownText(`the file ${path ?? 'that it is in'} is not found`)]
}
