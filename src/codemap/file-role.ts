/** What a file is for, as its path says. `sql`: statements of which no code says when they run. `program`: the rest. */
export type FileRole = 'program' | 'migration' | 'seed' | 'test' | 'script' | 'sql'

// The habits of the tools: vitest, jest, playwright, cypress; Prisma, Drizzle, Knex, Supabase, TypeORM, Sequelize, Rails.
const ROLES: readonly (readonly [FileRole, RegExp])[] = [
  ['test', /(^|\/)(__tests__|__mocks__|tests?|spec|e2e|cypress|playwright)\/|[.-](test|spec|cy|e2e)\.[cm]?[jt]sx?$/i],
  ['seed', /(^|\/)(seeds?|seeders?)(\/|\.[cm]?[jt]s$|\.sql$)/i],
  ['migration', /(^|\/)(migrations?|migrate)\/|(^|\/)drizzle\/.*\.sql$/i],
  ['sql', /\.sql$/i],
  ['script', /(^|\/)(scripts?|maintenance|one-?offs?|adhoc)\//i],
]

const tests = new Map<string, boolean>()

/** The same question for a single role, asked for each call of the program. */
export function isTestFile(path: string): boolean {
  const known = tests.get(path)
  if (known !== undefined) return known
  const found = fileRole(path) === 'test'
  tests.set(path, found)
  return found
}

/** Of a path from the root, with slashes. */
export function fileRole(path: string): FileRole {
  return ROLES.find(([, pattern]) => pattern.test(path))?.[0] ?? 'program'
}
