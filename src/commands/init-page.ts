import { describeCandidate, showName } from '../init/choose.ts'
import type { FoundStyle } from '../init/find-code.ts'
import type { FoundMigrations } from '../init/find-migrations.ts'
import type { UrlCandidate } from '../init/find-urls.ts'
import type { SettledDatabase } from '../init/settle-database.ts'
import { formatCount } from '../lib/progress-line.ts'
import type { DatabaseSettings, MigrationsSettings } from '../spec/config.ts'

/** What was found of a project, and chosen. All paths are from where the person is. */
export interface FirstSteps {
  /** Null where no variable holds a URL. */
  readonly database: SettledDatabase | null
  /** What the configuration names then. */
  readonly unset: DatabaseSettings & { readonly env: string }
  readonly candidates: readonly UrlCandidate[]
  readonly code: readonly string[]
  readonly styles: readonly FoundStyle[]
  readonly migrations: FoundMigrations | null
  readonly otherMigrations: readonly FoundMigrations[]
  readonly warnings: readonly string[]
}

const TOOLS: { readonly [tool in MigrationsSettings['tool']]: string } = {
  supabase: 'Supabase CLI',
  drizzle: 'Drizzle Kit',
  prisma: 'Prisma',
}

export function tellFirstSteps(steps: FirstSteps, written: string, schema: string): string[] {
  const { database, code, migrations, otherMigrations, warnings } = steps
  const inSchema = schema === 'public' ? '' : ` --schema ${showName(schema)}`
  return [
    ...tellDatabase(steps, schema),
    `Code:       ${code.map(showName).join(', ') || 'no source files were found'}${tellStyles(steps)}`,
    `Migrations: ${migrations === null ? 'none of the Supabase CLI, Drizzle Kit or Prisma' : tellMigrations(migrations)}`,
    ...otherMigrations.map((one) => `            also there: ${tellMigrations(one)}`),
    ...[...warnings, ...(database?.warnings ?? [])].map((warning) => `  ! ${warning}`),
    '',
    `Written: ${written}`,
    ...tellUnset(steps),
    `Next: crossfade map, then  crossfade snapshot, crossfade overlap${inSchema}, crossfade design`,
  ]
}

function tellDatabase({ database, unset, candidates }: FirstSteps, schema: string): string[] {
  if (database === null) return [`Database:   none was found; the configuration names ${unset.env}`]
  const { candidate, server, toSet, settings } = database
  const others = candidates.filter((one) => one !== candidate)
  return [
    `Database:   ${describeCandidate(candidate)}`,
    ...(toSet === null ? [] : [`            taken as ${settings.env}, with ${toSet}`]),
    ...(server === null ? [] : [`            ${tellServer(server, schema)}`]),
    ...others.map((other) => `            also there: ${describeCandidate(other)}`),
  ]
}

function tellServer(
  { version, role, tables, missing }: NonNullable<SettledDatabase['server']>,
  schema: string,
): string {
  const count =
    tables === null ? `no schema ${showName(schema)}` : `${formatCount(tables)} tables in ${showName(schema)}`
  const may = missing.length === 0 ? 'may do all that is needed' : 'lacks rights'
  return `PostgreSQL ${version}, ${count}; the role ${showName(role)} ${may}`
}

function tellStyles({ styles }: FirstSteps): string {
  if (styles.length === 0) return '; no library of the database is among the dependencies'
  const named = styles.map(({ style, files }) => `${style} (${tellFiles(files)})`)
  return `: ${named.join(', ')}`
}

function tellFiles(count: number): string {
  if (count === 0) return 'only in package.json'
  return count === 1 ? '1 file' : `${formatCount(count)} files`
}

function tellMigrations({ settings, isThere }: FoundMigrations): string {
  return `${showName(settings.folder)} (${TOOLS[settings.tool]}${isThere ? '' : ', not there yet'})`
}

function tellUnset({ database, unset }: FirstSteps): string[] {
  if (database !== null && database.toSet === null) return []
  const { env, file } = database?.settings ?? unset
  const where = file === undefined ? 'in the environment' : `in ${showName(file)}, or in the environment`
  const value =
    database === null
      ? 'postgres://<user>:<password>@<host>:5432/<database>'
      : `${database.candidate.env} with ${database.toSet}`
  return [`First: set ${env} ${where}: ${value}`]
}
