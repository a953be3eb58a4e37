import {
  entries,
  isRecord,
  isText,
  isTextOrTexts,
  known,
  optionalText,
  optionalWord,
  record,
  wrong,
} from './config-shape.ts'
import { parsePick } from './pick.ts'

/** The shape of one source. Throws UsageError with the place and an example. */
export function validateSource(kind: 'merge' | 'append', value: unknown, file: string, place: string): void {
  const s = record(value, file, place)
  const own = kind === 'merge' ? ['key', 'otherwise', 'latestBy'] : []
  known(s, file, place, [...own, 'where', 'columns', 'back', 'parent'])
  validateKey(s.key, file, `${place}.key`)
  optionalText(s.where, file, `${place}.where`, 'an SQL expression', "where: 'deleted_at IS NULL'")
  optionalText(s.latestBy, file, `${place}.latestBy`, 'the name of a column', "latestBy: 'updated_at'")
  optionalWord(s.otherwise, file, `${place}.otherwise`, ['journal', 'omit'])
  for (const [column, rule] of entries(s.columns, file, `${place}.columns`))
    validateColumn(rule, file, `${place}.columns.${column}`, column)
  for (const [old, expression] of entries(s.back, file, `${place}.back`)) {
    if (!isText(expression))
      throw wrong(file, `${place}.back.${old}`, 'an SQL expression over the new row', `back: { ${old}: 'email' }`)
  }
  validateParent(s.parent, file, `${place}.parent`)
}

function validateKey(value: unknown, file: string, place: string): void {
  if (value === undefined || isTextOrTexts(value)) return
  const expected = 'an SQL expression, one for each key column, or where it is found'
  if (!isRecord(value)) throw wrong(file, place, expected, "key: 'decision_id::uuid'")
  validateVia(value, file, place, ['journal', 'omit', 'generate'])
}

function validateColumn(rule: unknown, file: string, place: string, column: string): void {
  if (isText(rule) || rule === false) return
  const r = record(rule, file, place, `${column}: 'quality / 100.0'`)
  if ('via' in r) validateVia(r, file, place, ['journal', 'omit', 'generate', 'null'])
  else if ('values' in r) validateVocabulary(r, file, place)
  else validateExpression(r, file, place)
}

function validateExpression(r: Record<string, unknown>, file: string, place: string): void {
  known(r, file, place, ['from', 'back'])
  if (!isText(r.from)) throw wrong(file, `${place}.from`, 'an SQL expression', "from: 'quality / 100.0'")
  if (r.back === undefined || r.back === false || isText(r.back)) return
  for (const [old, expression] of Object.entries(record(r.back, file, `${place}.back`, "back: 'score * 100'"))) {
    if (!isText(expression))
      throw wrong(file, `${place}.back.${old}`, 'an SQL expression', `back: { ${old}: 'score * 100' }`)
  }
}

function validateVocabulary(r: Record<string, unknown>, file: string, place: string): void {
  known(r, file, place, ['from', 'values', 'unknown'])
  optionalText(r.from, file, `${place}.from`, 'an SQL expression', "from: 'kind'")
  const words = entries(r.values, file, `${place}.values`)
  if (words.length === 0)
    throw wrong(file, `${place}.values`, 'words and what they become', "values: { short: 'single' }")
  for (const [word, becomes] of words) {
    if (typeof becomes !== 'string')
      throw wrong(file, `${place}.values.${word}`, 'a word', `values: { ${JSON.stringify(word)}: 'single' }`)
  }
  const { unknown } = r
  if (unknown === undefined || unknown === 'journal' || unknown === 'keep') return
  const as = isRecord(unknown) && Object.keys(unknown).join() === 'as' ? unknown.as : undefined
  if (as !== null && typeof as !== 'string')
    throw wrong(file, `${place}.unknown`, "'journal', 'keep' or { as: … }", "unknown: { as: 'other' }")
}

function validateVia(
  r: Record<string, unknown>,
  file: string,
  place: string,
  otherwise: readonly string[] | null,
): void {
  known(r, file, place, ['via', 'on', 'take', 'pick', ...(otherwise ? ['otherwise'] : [])])
  if (!isText(r.via)) throw wrong(file, `${place}.via`, 'the name of an old table', "via: 'posted_decisions'")
  if (!isText(r.on)) {
    const on = record(r.on, file, `${place}.on`, "on: 'tweet_id'")
    known(on, file, `${place}.on`, ['from', 'to'])
    for (const side of ['from', 'to'])
      if (!isText(on[side]))
        throw wrong(file, `${place}.on.${side}`, 'an SQL expression', "on: { from: 'external_id', to: 'tweet_id' }")
  }
  if (isRecord(r.take)) validateVia(r.take, file, `${place}.take`, null)
  else if (!isTextOrTexts(r.take))
    throw wrong(
      file,
      `${place}.take`,
      'an SQL expression, one for each key column, or the next link',
      "take: 'decision_id::uuid'",
    )
  validatePick(r.pick, file, `${place}.pick`)
  if (otherwise) optionalWord(r.otherwise, file, `${place}.otherwise`, otherwise)
}

/** `latest by …` or `earliest by …`, where it is there. */
export function validatePick(value: unknown, file: string, place: string): void {
  if (value === undefined || (isText(value) && parsePick(value) !== null)) return
  throw wrong(file, place, "'latest by' or 'earliest by' and a column", "pick: 'latest by posted_at'")
}

function validateParent(value: unknown, file: string, place: string): void {
  if (value === undefined || isParentWord(value)) return
  if (typeof value === 'string' || !isRecord(value))
    throw wrong(file, place, "'journal', 'stub' or { stub: … }, or such a word for each new table", "parent: 'stub'")
  if (isRecord(value.stub)) {
    validateStub(value, file, place)
    return
  }
  for (const [table, word] of Object.entries(value)) {
    if (isParentWord(word)) continue
    validateStub(record(word, file, `${place}.${table}`, `parent: { ${table}: 'stub' }`), file, `${place}.${table}`)
  }
}

function validateStub(value: Record<string, unknown>, file: string, place: string): void {
  known(value, file, place, ['stub'])
  for (const [column, expression] of entries(value.stub, file, `${place}.stub`)) {
    if (!isText(expression))
      throw wrong(file, `${place}.stub.${column}`, 'an SQL expression', `stub: { ${column}: "'unknown'" }`)
  }
}

function isParentWord(value: unknown): boolean {
  return value === 'journal' || value === 'stub'
}
