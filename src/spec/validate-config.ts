import type { CrossfadeConfig, DatabaseSettings, MigrationsSettings } from './config.ts'
import {
  entries,
  isText,
  isTextOrTexts,
  isVariable,
  known,
  optionalText,
  optionalTexts,
  optionalWord,
  record,
  wrong,
} from './config-shape.ts'
import { parsePick } from './pick.ts'
import { validatePick, validateSource } from './validate-source.ts'

const MODES = ['inline', 'outbox']
const MIGRATION_TOOLS: readonly MigrationsSettings['tool'][] = ['supabase', 'drizzle', 'prisma']

/** Gates for which `approvals` may ask for more than one person. */
const GATES = ['design', 'build', 'sync', 'verify', 'reads', 'move', 'finish', 'drift']

/** Shape of the configuration, before any database is asked: unknown words, wrong kinds, with the place and the fix. */
export function validateConfig(value: unknown, file: string): CrossfadeConfig {
  const config = record(value, file, 'the configuration')
  known(config, file, '', [
    'database',
    'supabase',
    'oldSchema',
    'newSchema',
    'schema',
    'code',
    'migrations',
    'tables',
    'keep',
    'approvals',
    'trusted',
    'accept',
    'sync',
    'finish',
  ])
  if (!isText(config.schema))
    throw wrong(file, 'schema', "the path of the new schema's DDL", "schema: './NEW_PERFECT_SCHEMA.sql'")
  validateSettings(config, file)
  for (const [name, table] of Object.entries(record(config.tables, file, 'tables'))) validateTable(table, file, name)
  return config as unknown as CrossfadeConfig
}

function validateTable(value: unknown, file: string, name: string): void {
  const where = `tables.${name}`
  const t = record(value, file, where)
  const { kind } = t
  if (kind !== 'merge' && kind !== 'append')
    throw wrong(file, where, 'a rule', `${name}: merge({ key: …, sources: { … } }), or append({ sources: { … } })`)
  const own = kind === 'merge' ? ['key', 'unique'] : []
  known(t, file, where, ['kind', ...own, 'sources', 'columns', 'reverse', 'onDelete'])
  if (kind === 'merge' && !isTextOrTexts(t.key))
    throw wrong(file, `${where}.key`, 'the key column, or several', "key: 'decision_id'")
  for (const [source, spec] of Object.entries(record(t.sources, file, `${where}.sources`)))
    validateSource(kind, spec, file, `${where}.sources.${source}`)
  for (const [column, rule] of entries(t.columns, file, `${where}.columns`))
    validateRule(kind, rule, file, `${where}.columns.${column}`, column)
  optionalTexts(t.reverse, file, `${where}.reverse`, 'a list of sources', "reverse: ['content_metadata']")
  optionalWord(t.onDelete, file, `${where}.onDelete`, ['refuse', 'cascade'])
  for (const [columns, rule] of entries(t.unique, file, `${where}.unique`)) {
    const place = `${where}.unique.${columns}`
    const r = record(rule, file, place, `${columns}: { pick: 'latest by posted_at' }`)
    known(r, file, place, ['pick', 'otherwise'])
    validatePick(r.pick, file, `${place}.pick`)
    optionalWord(r.otherwise, file, `${place}.otherwise`, ['journal', 'omit'])
  }
}

function validateRule(kind: 'merge' | 'append', rule: unknown, file: string, place: string, column: string): void {
  const r = record(rule, file, place, `${column}: { otherwise: "'unknown'" }`)
  known(r, file, place, ['otherwise', ...(kind === 'merge' ? ['pick', 'sources', 'from', 'back'] : [])])
  optionalText(r.otherwise, file, `${place}.otherwise`, 'an SQL expression', `otherwise: "'unknown'"`)
  optionalText(r.from, file, `${place}.from`, 'an SQL expression', "from: 'greatest(a.likes, b.likes)'")
  optionalTexts(r.sources, file, `${place}.sources`, 'a list of sources', "sources: ['content_metadata']")
  const words = ['first value', 'first row']
  const picked = isText(r.pick) && (words.includes(r.pick.trim()) || parsePick(r.pick)?.direction === 'latest')
  if (r.pick !== undefined && !picked)
    throw wrong(file, `${place}.pick`, "'first row', or 'latest by' and a column", "pick: 'latest by updated_at'")
  if (r.back !== undefined && r.from === undefined)
    throw wrong(
      file,
      `${place}.back`,
      'beside a "from"',
      `${column}: { from: 'greatest(a.x, b.x)', back: { a: { x: '${column}' } } }`,
    )
  for (const [source, columns] of entries(r.back, file, `${place}.back`)) {
    for (const [old, expression] of Object.entries(record(columns, file, `${place}.back.${source}`))) {
      if (!isText(expression))
        throw wrong(
          file,
          `${place}.back.${source}.${old}`,
          'an SQL expression',
          `back: { ${source}: { ${old}: '${column}' } }`,
        )
    }
  }
}

/** What stands beside the tables. A misspelt gate or a number that is none would quietly leave the default in force. */
function validateSettings(config: Record<string, unknown>, file: string): void {
  for (const word of ['oldSchema', 'newSchema']) {
    const example = `${word}: '${word === 'oldSchema' ? 'public' : 'new_schema'}'`
    optionalText(config[word], file, word, 'the name of a schema', example)
  }
  if ((config.oldSchema ?? 'public') === (config.newSchema ?? 'new_schema'))
    throw wrong(file, 'newSchema', 'another schema than the old one', "newSchema: 'new_schema'")
  optionalTexts(config.keep, file, 'keep', 'a list of names', "keep: ['bot_config']")
  optionalTexts(config.trusted, file, 'trusted', 'a list of roles', "trusted: ['service_role']")
  optionalTexts(config.accept, file, 'accept', 'a list of findings', "accept: ['posts.not-null.body']")
  optionalTexts(config.code, file, 'code', 'a list of folders', "code: ['src', 'apps/web']")
  validateDatabase(config.database, file)
  validateApi(config.supabase, file)
  validateMigrations(config.migrations, file)
  validateNumbers(config.approvals, file, 'approvals', GATES)
  validateNumbers(config.sync, file, 'sync', ['budgetMs', 'inlineWrites', 'workers'], ['mode', 'tables', 'throttle'])
  validateSync(record(config.sync ?? {}, file, 'sync'), record(config.tables, file, 'tables'), file)
  validateNumbers(config.finish, file, 'finish', ['quietDays', 'rehearsalSeconds'], ['also', 'ignore'])
  const finish = record(config.finish ?? {}, file, 'finish')
  optionalText(finish.also, file, 'finish.also', 'the path of an SQL file', "finish: { also: './finish.sql' }")
  const ignored = "finish: { ignore: ['public.search(text)'] }"
  optionalTexts(finish.ignore, file, 'finish.ignore', 'a list of functions and publications', ignored)
}

/** Of the word `database`, which may be missing. Throws UsageError. */
export function validateDatabase(value: unknown, file: string): DatabaseSettings {
  if (value === undefined) return {}
  const example = "database: { env: 'DIRECT_URL', file: '.env' }"
  const database = record(value, file, 'database', example)
  known(database, file, 'database', ['env', 'file'])
  // A URL in place of the variable's name would be shown in messages, and committed.
  if (database.env !== undefined && !(isText(database.env) && isVariable(database.env)))
    throw wrong(file, 'database.env', 'the name of a variable of the environment, not a URL', example)
  optionalText(database.file, file, 'database.file', 'the path of a file of variables', example)
  return database
}

function validateApi(value: unknown, file: string): void {
  if (value === undefined) return
  const example = "supabase: { url: 'https://<project>.supabase.co', keyEnv: 'SUPABASE_SERVICE_ROLE_KEY' }"
  const api = record(value, file, 'supabase', example)
  known(api, file, 'supabase', ['url', 'urlEnv', 'keyEnv'])
  if (api.url !== undefined && !(isText(api.url) && isPlainUrl(api.url)))
    throw wrong(file, 'supabase.url', 'an http(s) URL without a password', example)
  for (const word of ['urlEnv', 'keyEnv']) {
    const name = api[word]
    // A key in place of the variable's name would be shown in messages, and committed.
    if (name !== undefined && !(isText(name) && isVariable(name) && !/^sb_/.test(name)))
      throw wrong(file, `supabase.${word}`, 'the name of a variable of the environment', example)
  }
}

function isPlainUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:\/\/[^/@]+(\/[^@]*)?$/.test(text)
}

/** Of the words that say where things lie, each of which may be missing. Throws UsageError. */
export function validatePlaces(config: Record<string, unknown>, file: string): ConfiguredPlaces {
  optionalText(config.oldSchema, file, 'oldSchema', 'the name of a schema', "oldSchema: 'public'")
  validateMigrations(config.migrations, file)
  return config
}

export type ConfiguredPlaces = Pick<CrossfadeConfig, 'oldSchema' | 'migrations'>

function validateMigrations(value: unknown, file: string): void {
  if (value === undefined) return
  const example = "migrations: { tool: 'supabase', folder: 'supabase/migrations' }"
  const migrations = record(value, file, 'migrations', example)
  known(migrations, file, 'migrations', ['tool', 'folder'])
  if (migrations.tool === undefined)
    throw wrong(file, 'migrations.tool', `one of ${MIGRATION_TOOLS.join(', ')}`, example)
  optionalWord(migrations.tool, file, 'migrations.tool', MIGRATION_TOOLS)
  if (!isText(migrations.folder)) throw wrong(file, 'migrations.folder', 'the path of a folder', example)
}

function validateSync(sync: Record<string, unknown>, tables: Record<string, unknown>, file: string): void {
  optionalWord(sync.mode, file, 'sync.mode', MODES)
  for (const [name, value] of entries(sync.tables, file, 'sync.tables')) {
    const place = `sync.tables.${name}`
    const example = `tables: { ${name}: { mode: 'outbox' } }`
    if (!(name in tables)) throw wrong(file, place, 'one of the new tables', example)
    const table = record(value, file, place, example)
    known(table, file, place, ['mode', 'staleReads'])
    optionalWord(table.mode, file, `${place}.mode`, MODES)
    if (table.staleReads !== undefined && table.staleReads !== 'ok')
      throw wrong(file, `${place}.staleReads`, "'ok', or missing", "staleReads: 'ok'")
  }
  const words = ['latencyFactor', 'replicationLagMs', 'replicationLagMb', 'activeSessions']
  const throttle = record(sync.throttle ?? {}, file, 'sync.throttle')
  const watched = Object.entries(throttle).filter(([word, value]) => !(words.includes(word) && value === false))
  validateNumbers(Object.fromEntries(watched), file, 'sync.throttle', [...words, 'latencyFloorMs'])
}

function validateNumbers(
  value: unknown,
  file: string,
  word: string,
  names: readonly string[],
  others: readonly string[] = [],
): void {
  known(record(value ?? {}, file, word), file, word, [...names, ...others])
  const least = word === 'approvals' ? 1 : 0
  for (const [name, number] of entries(value, file, word)) {
    if (others.includes(name)) continue
    if (number !== undefined && !(typeof number === 'number' && number >= least && Number.isFinite(number)))
      throw wrong(file, `${word}.${name}`, `a number from ${least} on`, `${word}: { ${name}: ${least + 1} }`)
    if (word === 'approvals' && !Number.isInteger(number))
      throw wrong(file, `${word}.${name}`, 'a number of people', `${word}: { ${name}: 2 }`)
  }
}
