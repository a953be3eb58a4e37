import type { Interaction, Place, Problem, Unresolved } from '../../interaction.ts'
import type { Project } from '../../project.ts'
import { buildSqlCatalog, type Definition, EMPTY_CATALOG, type SqlCatalog } from '../../sql/catalog.ts'
import { parseStatements, type SqlAccess, type SqlReading } from '../../sql/parse-statements.ts'
import { loadSqlParser } from '../../sql/parser.ts'
import { splitScript } from '../../sql/script.ts'
import { shortenValues } from '../../sql/shorten-values.ts'
import { type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import { isOtherDialect } from './dialect.ts'

/** What the `.sql` files of a project hold: migrations, seeds, schema dumps, functions. */
export interface SqlFiles {
  /** What they say of the database's tables: whose a column is, which functions are the project's own. */
  readonly catalog: SqlCatalog
  readonly interactions: readonly Interaction[]
  readonly unresolved: readonly Unresolved[]
  readonly problems: readonly Problem[]
  /** By path from the root: for code that runs a whole file. */
  readonly texts: ReadonlyMap<string, string>
}

const read = new WeakMap<Project, Promise<SqlFiles>>()

/** Reads them once for each project, and loads the SQL parser. Never rejects for what a file holds. */
export function readSqlFiles(project: Project): Promise<SqlFiles> {
  const known = read.get(project)
  if (known) return known
  const reading = readAll(project)
  read.set(project, reading)
  return reading
}

async function readAll(project: Project): Promise<SqlFiles> {
  await loadSqlParser()
  const others = await foldersOfOthers(project)
  const files = project.files('.sql').filter((file) => !others.some((folder) => file.startsWith(folder)))
  const scripts: Script[] = []
  const problems: Problem[] = []
  for (const file of files) {
    const text = await project.read(file)
    const script = text === null ? null : parseScript(file, text)
    if (script === null) problems.push({ file, message: 'it could not be read' })
    else if (isOtherDialect(script.text) && script.statements.some((one) => one.reading.gaps.length > 0))
      problems.push({ file, message: 'left out: it is written for another database than PostgreSQL' })
    else scripts.push(script)
  }
  const catalog = buildSqlCatalog(scripts.flatMap((script) => script.statements.flatMap(definitionsOf)))
  const found = scripts.map((script) => findInteractions(script, catalog))
  return {
    catalog,
    interactions: found.flatMap((one) => one.interactions),
    unresolved: found.flatMap((one) => one.unresolved),
    problems,
    texts: new Map(scripts.map((script) => [script.file, script.text])),
  }
}

/** Folders of migrations that Prisma or Drizzle keep for another database, by what they say beside them. */
async function foldersOfOthers(project: Project): Promise<string[]> {
  const locks = [...project.files('migration_lock.toml'), ...project.files('meta/_journal.json')]
  const texts = await Promise.all(locks.map(async (file) => ({ file, text: (await project.read(file)) ?? '' })))
  return texts
    .filter(({ text }) =>
      /(provider\s*=|"dialect"\s*:)\s*"(mysql|sqlite|sqlserver|mongodb|mssql|singlestore|turso)"/.test(text),
    )
    .map(({ file }) => file.replace(/(meta\/)?[^/]+$/, ''))
}

interface Script {
  readonly file: string
  readonly text: string
  readonly statements: readonly Statement[]
}

interface Statement {
  readonly sql: SqlText
  readonly start: number
  readonly down: boolean
  readonly reading: SqlReading
}

function parseScript(file: string, text: string): Script {
  const down = /(^|[/._-])(down|undo|rollback)([/._-]|$)/i.test(file)
  const statements = splitScript(text).map((one): Statement => {
    const sql = partsOf(shortenValues(one.text))
    return { sql, start: one.start, down: down || one.down, reading: parseStatements(sql) }
  })
  return { file, text, statements }
}

/** `${name}` is a placeholder of several tools that run migrations. */
function partsOf(text: string): SqlText {
  if (!text.includes('${')) return [words(text)]
  return text
    .split(/(\$\{[^}]*\})/)
    .map((part, at) => (at % 2 === 0 ? words(part) : unknownText(`${part} is filled in when the file is run`)))
}

function definitionsOf({ down, reading }: Statement): readonly Definition[] {
  return down ? reading.definitions.filter((one) => one.kind === 'routine') : reading.definitions
}

type Found = Pick<SqlFiles, 'interactions' | 'unresolved'>

function findInteractions({ file, text, statements }: Script, catalog: SqlCatalog): Found {
  const placeOf = placesIn(file, text)
  const interactions: Interaction[] = []
  const unresolved: Unresolved[] = []
  let transaction: Place | null = null
  for (const { sql, start, reading: first } of statements) {
    const reading = first.unsure && catalog !== EMPTY_CATALOG ? parseStatements(sql, { catalog }) : first
    if (reading.transaction !== null) transaction = reading.transaction === 'begin' ? placeOf(start) : null
    for (const access of reading.accesses) {
      if (catalog.sequences.has(access.table)) continue
      interactions.push(interactionOf(access, placeOf(start + access.offset), transaction))
    }
    for (const { operation, reason, offset, routine } of reading.gaps)
      unresolved.push({ ...placeOf(start + offset), function: routine, style: 'sql', operation, reason })
  }
  return { interactions, unresolved }
}

function interactionOf(access: SqlAccess, place: Place, transaction: Place | null): Interaction {
  const { schema, table, operation, columns, returning, conflict, values, routine } = access
  return {
    ...place,
    function: routine,
    style: 'sql',
    schema,
    table,
    operation,
    columns,
    returning,
    ...(conflict.length > 0 ? { conflict } : {}),
    ...(Object.keys(values).length > 0 ? { values } : {}),
    ...(transaction ? { transaction: `${transaction.file}:${transaction.line}:${transaction.column}` } : {}),
  }
}

/** Line and column of an offset. */
function placesIn(file: string, text: string): (offset: number) => Place {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}
