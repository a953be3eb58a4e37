import type { Comparison } from './comparable.ts'
import { type Answer, type CompareOptions, compareAnswers } from './compare-answers.ts'
import type { FetchArguments } from './rest-read.ts'
import { parseObject } from './rest-state.ts'
import type { Judgement } from './shadow-tally.ts'

const COMPAT_SCHEMA = 'crossfade_compat'

export type RestAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly text: string
      readonly total: string
      readonly ms: number
    }
  | { readonly kind: 'too slow' }

/** The caller's request again, of the schema given or of its own, under the same token. Throws where there is no network. */
export async function askSide(
  fetch: typeof globalThis.fetch,
  [input, init]: FetchArguments,
  side: 'old' | 'new',
  timeoutMs: number,
): Promise<RestAnswer> {
  const request = typeof input === 'object' && 'headers' in input ? input : undefined
  const headers = new Headers(init?.headers ?? request?.headers)
  if (side === 'new') headers.set('Accept-Profile', COMPAT_SCHEMA)
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeoutMs)
  const began = performance.now()
  try {
    // With a signal of its own: the caller's may end with the caller.
    const response = await fetch(input, { ...init, headers, signal: controller.signal })
    const text = await response.text()
    const total = response.headers.get('content-range')?.split('/')[1] ?? ''
    return { kind: 'answered', status: response.status, text, total, ms: performance.now() - began }
  } catch (error) {
    if (controller.signal.aborted) return { kind: 'too slow' }
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** What two answers say of a read. */
export function judgeAnswers(
  old: RestAnswer,
  now: RestAnswer,
  comparison: Extract<Comparison, { kind: 'compared' }>,
  options: CompareOptions & { readonly maxRows: number },
): Judgement {
  if (old.kind === 'too slow' || now.kind === 'too slow') return { kind: 'too slow' }
  if ([old, now].some(({ status, text }) => status === 429 || codeOf(text) === '57014')) return { kind: 'too slow' }
  if (old.status >= 300) {
    const alike = old.status === now.status && codeOf(old.text) === codeOf(now.text)
    return alike ? { kind: 'same' } : { kind: 'left out', reason: 'refused by the old side' }
  }
  if (now.status >= 300) {
    const code = codeOf(now.text) ?? `HTTP ${now.status}`
    const { message } = parseObject(now.text)
    // Messages of PostgREST and of class 42 name objects; others may name values.
    const example = code.startsWith('42') || code.startsWith('PGRST2') ? String(message) : ''
    return { kind: 'different', differences: [{ kind: 'error', column: code, example }] }
  }
  if (old.text === now.text && old.total === now.total) return { kind: 'same' }
  if (old.total !== now.total) {
    const example = `${old.total || 'no'} rows in all, then ${now.total || 'no'}`
    return { kind: 'different', differences: [{ kind: 'rows', column: '', example }] }
  }
  const [before, after] = [readRows(old.text), readRows(now.text)]
  if (before === null || after === null) {
    const example = `${old.text.length} characters, then ${now.text.length}`
    return { kind: 'different', differences: [{ kind: 'values', column: '', example }] }
  }
  // As many as the API gives at once may be not all.
  if (Math.max(before.length, after.length) >= options.maxRows) {
    return { kind: 'left out', reason: `${options.maxRows} rows or more` }
  }
  const [first = after[0] ?? {}, second = before[0] ?? {}] = [before[0], after[0]]
  return compareAnswers(asAnswer(before, first), asAnswer(after, second), comparison, options)
}

/** The time of an answer and whether it is one, for the measures. */
export function isFailure(answer: RestAnswer): boolean {
  return answer.kind === 'too slow' || answer.status >= 300
}

type Row = Readonly<Record<string, unknown>>

/** A list of rows, or the one that was asked for; null for what isn't JSON, as csv. */
function readRows(text: string): Row[] | null {
  try {
    const value: unknown = JSON.parse(text)
    const rows = Array.isArray(value) ? value : [value]
    return rows.every((row) => typeof row === 'object' && row !== null) ? rows : null
  } catch {
    return null
  }
}

/** `first` names the columns: PostgREST gives each row the same, and an empty list none. */
function asAnswer(rows: readonly Row[], first: Row): Answer {
  const names = Object.keys(first)
  return {
    columns: names.map((name) => ({ name, type: 0 })),
    rows: rows.map((row) => names.map((name) => textOf(row[name]))),
  }
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function codeOf(text: string): string | null {
  const { code } = parseObject(text)
  return typeof code === 'string' ? code : null
}
