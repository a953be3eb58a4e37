import { UsageError } from '../lib/errors.ts'

const EXAMPLE =
  'Write it as postgres://<user>:<password>@<host>:5432/<database>, with @ : / ? # and % in a password encoded.'

/** Throws UsageError for what is no connection URL, without ever showing it: it may hold a password. */
export function assertConnectionUrl(url: string): void {
  if (url.trim() === '') throw invalid('no database was named')
  if (url.startsWith('/')) return
  if (!/^(postgres|postgresql|socket):\/\//i.test(url)) {
    throw invalid(
      /\b(host|dbname|user|password)\s*=/.test(url)
        ? 'a keyword string is not a URL'
        : 'it does not begin with postgres://',
    )
  }
  // pg accepts postgres://user@/database?host=/run/postgresql, which the URL parser alone does not.
  const parsed = parse(url.replace('@/', '@localhost/'))
  if (parsed === null) throw invalid('it is not a URL')
  // An unencoded / ? or # ends the host early, and the rest of a password would be shown as host or database.
  if (parsed.pathname.includes('@') || parsed.hash !== '' || (parsed.username === '' && parsed.search.includes('@'))) {
    throw invalid('a character in the password is not percent-encoded')
  }
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null
}

function invalid(why: string): UsageError {
  return new UsageError('database_url', `The database URL can't be used: ${why}.`, { hint: EXAMPLE })
}
