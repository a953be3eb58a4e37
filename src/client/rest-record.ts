import type { ReadReport, Told } from './read-reports.ts'
import { parseObject } from './rest-state.ts'
import type { AnsweredRestRead } from './rest-watch.ts'

const ANSWERS_WITHIN_MS = 5_000

/** Tells the database over the API, with the service key. */
export async function recordOverRest(
  { fetch, tablesUrl }: Pick<AnsweredRestRead, 'fetch' | 'tablesUrl'>,
  serviceKey: string,
  report: ReadReport,
): Promise<Told> {
  const headers: Record<string, string> = {
    apikey: serviceKey,
    'Content-Profile': 'crossfade_compat',
    'Content-Type': 'application/json',
  }
  // Keys that are no tokens say their role to the gateway alone.
  if (serviceKey.split('.').length === 3) headers.Authorization = `Bearer ${serviceKey}`
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), ANSWERS_WITHIN_MS)
  try {
    const body = JSON.stringify({ report: JSON.stringify(report) })
    const url = `${tablesUrl}rpc/crossfade_record_reads`
    const response = await fetch(url, { method: 'POST', headers, body, signal: controller.signal })
    const { code } = parseObject(await response.text())
    if (response.ok) return 'told'
    if (typeof code === 'string' && code.startsWith('22')) return 'refused'
    return response.status < 500 && response.status !== 429 ? 'no right' : 'later'
  } finally {
    clearTimeout(timer)
  }
}
