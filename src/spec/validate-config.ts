import { UsageError } from '../lib/errors.ts'
import type { CrossfadeConfig } from './config.ts'

/** Gates for which `approvals` may ask for more than one person. */
const GATES = ['design', 'build', 'sync', 'verify', 'reads', 'move', 'finish', 'drift']

/** Shape of the configuration, before any database is asked: unknown words, wrong kinds, with the place and the fix. */
export function validateConfig(value: unknown, file: string): CrossfadeConfig {
  const config = record(value, file, 'the configuration')
  known(config, file, '', ['oldSchema', 'newSchema', 'schema', 'code', 'tables', 'keep', 'approvals', 'sync', 'finish'])
  if (!isText(config.schema))
    throw wrong(file, 'schema', "the path of the new schema's DDL", "schema: './NEW_PERFECT_SCHEMA.sql'")
  validateSettings(config, file)
  const tables = record(config.tables, file, 'tables')
  for (const [name, table] of Object.entries(tables)) {
    const where = `tables.${name}`
    const t = record(table, file, where)
    if (t.kind !== 'merge') throw wrong(file, where, 'a rule', `${name}: merge({ key: …, sources: { … } })`)
    known(t, file, where, ['kind', 'key', 'sources', 'columns', 'reverse'])
    if (!isTextOrTexts(t.key)) throw wrong(file, `${where}.key`, 'the key column, or several', "key: 'decision_id'")
    for (const [source, spec] of Object.entries(record(t.sources, file, `${where}.sources`)))
      validateSource(spec, file, `${where}.sources.${source}`)
    for (const [column, rule] of entries(t.columns, file, `${where}.columns`)) {
      const place = `${where}.columns.${column}`
      const r = record(rule, file, place, `${column}: { otherwise: "'unknown'" }`)
      known(r, file, place, ['otherwise'])
      if (r.otherwise !== undefined && !isText(r.otherwise))
        throw wrong(file, `${place}.otherwise`, 'an SQL expression', `otherwise: "'unknown'"`)
    }
    if (t.reverse !== undefined && !isTexts(t.reverse))
      throw wrong(file, `${where}.reverse`, 'a list of sources', "reverse: ['content_metadata']")
  }
  return config as unknown as CrossfadeConfig
}

/** What stands beside the tables. A misspelt gate or a number that is none would quietly leave the default in force. */
function validateSettings(config: Record<string, unknown>, file: string): void {
  for (const word of ['oldSchema', 'newSchema']) {
    if (config[word] !== undefined && !isText(config[word]))
      throw wrong(file, word, 'the name of a schema', `${word}: '${word === 'oldSchema' ? 'public' : 'new_schema'}'`)
  }
  if ((config.oldSchema ?? 'public') === (config.newSchema ?? 'new_schema'))
    throw wrong(file, 'newSchema', 'another schema than the old one', "newSchema: 'new_schema'")
  for (const word of ['code', 'keep']) {
    if (config[word] !== undefined && !isTexts(config[word]))
      throw wrong(file, word, 'a list of names', word === 'keep' ? "keep: ['bot_config']" : "code: ['src/**/*.ts']")
  }
  const numbers = { approvals: GATES, sync: ['budgetMs', 'inlineWrites'], finish: ['quietDays', 'rehearsalSeconds'] }
  for (const [word, names] of Object.entries(numbers)) {
    known(record(config[word] ?? {}, file, word), file, word, names)
    const least = word === 'approvals' ? 1 : 0
    for (const [name, value] of entries(config[word], file, word)) {
      if (value !== undefined && !(typeof value === 'number' && value >= least && Number.isFinite(value)))
        throw wrong(file, `${word}.${name}`, `a number from ${least} on`, `${word}: { ${name}: ${least + 1} }`)
      if (word === 'approvals' && !Number.isInteger(value))
        throw wrong(file, `${word}.${name}`, 'a number of people', `${word}: { ${name}: 2 }`)
    }
  }
}

function validateSource(value: unknown, file: string, place: string): void {
  const s = record(value, file, place)
  known(s, file, place, ['key', 'where', 'otherwise', 'columns', 'latestBy'])
  if (s.key !== undefined && !isTextOrTexts(s.key))
    throw wrong(file, `${place}.key`, 'an SQL expression, or one for each key column', "key: 'decision_id::uuid'")
  if (s.where !== undefined && !isText(s.where))
    throw wrong(file, `${place}.where`, 'an SQL expression', "where: 'deleted_at IS NULL'")
  if (s.latestBy !== undefined && !isText(s.latestBy))
    throw wrong(file, `${place}.latestBy`, 'the name of a column', "latestBy: 'updated_at'")
  if (s.otherwise !== undefined && s.otherwise !== 'journal' && s.otherwise !== 'omit')
    throw wrong(file, `${place}.otherwise`, "'journal' or 'omit'", "otherwise: 'journal'")
  for (const [column, rule] of entries(s.columns, file, `${place}.columns`)) {
    if (isText(rule) || rule === false) continue
    const where = `${place}.columns.${column}`
    const r = record(rule, file, where, `${column}: 'quality / 100.0'`)
    known(r, file, where, ['from', 'back'])
    if (!isText(r.from)) throw wrong(file, `${where}.from`, 'an SQL expression', "from: 'quality / 100.0'")
    if (r.back === undefined || r.back === false || isText(r.back)) continue
    for (const [old, expression] of Object.entries(record(r.back, file, `${where}.back`, "back: 'score * 100'"))) {
      if (!isText(expression))
        throw wrong(file, `${where}.back.${old}`, 'an SQL expression', `back: { ${old}: 'score * 100' }`)
    }
  }
}

function entries(value: unknown, file: string, where: string): [string, unknown][] {
  return value === undefined ? [] : Object.entries(record(value, file, where))
}

function record(value: unknown, file: string, where: string, example = 'see the configuration reference') {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  throw wrong(file, where, 'an object', example)
}

function known(value: Record<string, unknown>, file: string, where: string, words: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !words.includes(key))
  if (unknown === undefined) return
  throw new UsageError(
    'config.unknown',
    `${file}: ${where === '' ? unknown : `${where}.${unknown}`} is not a word of the mapping`,
    { hint: `Known here: ${words.filter((word) => word !== 'kind').join(', ')}.` },
  )
}

function wrong(file: string, where: string, expected: string, example: string): UsageError {
  return new UsageError('config.wrong', `${file}: ${where} must be ${expected}`, { hint: `For example: ${example}` })
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isTextOrTexts(value: unknown): boolean {
  return isText(value) || (isTexts(value) && (value as string[]).length > 0)
}
