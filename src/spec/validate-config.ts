import { UsageError } from '../lib/errors.ts'
import type { CrossfadeConfig } from './config.ts'

/** Shape of the configuration, before any database is asked: unknown words, wrong kinds, with the place and the fix. */
export function validateConfig(value: unknown, file: string): CrossfadeConfig {
  const config = record(value, file, 'the configuration')
  known(config, file, '', ['oldSchema', 'newSchema', 'schema', 'code', 'tables', 'keep', 'approvals', 'sync', 'finish'])
  if (typeof config.schema !== 'string')
    throw wrong(file, 'schema', "the path of the new schema's DDL", "schema: './NEW_PERFECT_SCHEMA.sql'")
  const tables = record(config.tables, file, 'tables')
  for (const [name, table] of Object.entries(tables)) {
    const where = `tables.${name}`
    const t = record(table, file, where)
    if (t.kind !== 'merge') throw wrong(file, where, 'a rule', `${name}: merge({ key: …, sources: { … } })`)
    known(t, file, where, ['kind', 'key', 'sources', 'columns', 'reverse'])
    if (!isStrings([t.key].flat()) || [t.key].flat().length === 0)
      throw wrong(file, `${where}.key`, 'the key column, or several', "key: 'decision_id'")
    for (const [source, spec] of Object.entries(record(t.sources, file, `${where}.sources`))) {
      const place = `${where}.sources.${source}`
      const s = record(spec, file, place)
      known(s, file, place, ['key', 'where', 'otherwise', 'columns', 'latestBy'])
      if (s.otherwise !== undefined && s.otherwise !== 'journal' && s.otherwise !== 'omit')
        throw wrong(file, `${place}.otherwise`, "'journal' or 'omit'", "otherwise: 'journal'")
      for (const [column, rule] of Object.entries(
        s.columns === undefined ? {} : record(s.columns, file, `${place}.columns`),
      )) {
        if (typeof rule === 'string' || rule === false) continue
        const r = record(rule, file, `${place}.columns.${column}`)
        known(r, file, `${place}.columns.${column}`, ['from', 'back'])
        if (typeof r.from !== 'string')
          throw wrong(file, `${place}.columns.${column}.from`, 'an SQL expression', "from: 'quality / 100.0'")
      }
    }
    if (t.reverse !== undefined && !isStrings(t.reverse))
      throw wrong(file, `${where}.reverse`, 'a list of sources', "reverse: ['content_metadata']")
  }
  return config as unknown as CrossfadeConfig
}

function record(value: unknown, file: string, where: string): Record<string, unknown> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  throw wrong(file, where, 'an object', 'see the configuration reference')
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

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
}
