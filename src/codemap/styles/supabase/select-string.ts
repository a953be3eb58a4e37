/** What the argument of `.select()` names, of one table. */
export interface Selection {
  readonly columns: readonly string[]
  /** It has a `*`, or a part that isn't known. */
  readonly star: boolean
  readonly embeds: readonly Embed[]
}

/** `author:users!posts_author_fkey!inner(name)` */
export interface Embed {
  /** The table, or the column of a foreign key that leads to it. */
  readonly target: string
  /** By which filters speak of it. */
  readonly alias: string
  /** What tells several foreign keys apart: a constraint or a column. */
  readonly hints: readonly string[]
  readonly selection: Selection
}

/** Stands in a select string for what isn't known. */
export const HOLE = '\u0000'

/**
 * Reads the select string of PostgREST: columns with aliases, casts, JSON paths and aggregates, embedded tables with
 * aliases, hints and spreads, nested. https://docs.postgrest.org/en/stable/references/api/tables_views.html
 */
export function parseSelect(text: string): Selection {
  const columns: string[] = []
  const embeds: Embed[] = []
  let star = false
  for (const item of splitTop(text, ',')) {
    const part = item.trim()
    if (part === '') continue
    const open = openingParenthesis(part)
    if (open !== -1) {
      const embed = parseEmbed(part, open)
      if (embed) embeds.push(embed)
      else star = true
    } else if (part === '*' || part.includes(HOLE)) star = true
    else {
      const column = columnOf(part)
      if (column !== null) columns.push(column)
    }
  }
  return { columns, star, embeds }
}

/** Where an embed's list begins; -1 for a column, also one with an aggregate `amount.sum()`. */
function openingParenthesis(part: string): number {
  const open = part.indexOf('(')
  return open === -1 || /\.\w+\(\)/.test(part) ? -1 : open
}

function parseEmbed(part: string, open: number): Embed | null {
  const head = part
    .slice(0, open)
    .replace(/^\.\.\./, '')
    .trim()
  const close = part.lastIndexOf(')')
  const colon = head.indexOf(':')
  const [target = '', ...hints] = head
    .slice(colon + 1)
    .split('!')
    .map((one) => unquote(one.trim()))
  if (target === '' || target.includes(HOLE)) return null
  return {
    target,
    alias: colon === -1 ? target : unquote(head.slice(0, colon).trim()),
    hints: hints.filter((one) => one !== 'inner' && one !== 'left'),
    selection: parseSelect(part.slice(open + 1, close === -1 ? undefined : close)),
  }
}

/** The column that an item reads; null for `count`, which reads none. */
function columnOf(item: string): string | null {
  // An alias ends at a single colon; `::` is a cast.
  const named = item.replace(/^("[^"]*"|[^:"]*):(?!:)/, '').trim()
  if (/^count(\(\))?(::\w+)?$/.test(named)) return null
  return columnName(named.replace(/\.(sum|avg|min|max|count)\(\).*$/, ''))
}

/** Without cast and JSON path. */
export function columnName(text: string): string {
  const quoted = /^"((?:[^"]|"")*)"/.exec(text)
  if (quoted) return (quoted[1] ?? '').replaceAll('""', '"')
  return text.replace(/::.*$/, '').replace(/->.*$/, '').trim()
}

function unquote(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name
}

/** Splits where the separator stands outside parentheses, braces and quotes. */
export function splitTop(text: string, separator: string): string[] {
  const parts: string[] = []
  let depth = 0
  let quoted = false
  let start = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') quoted = !quoted
    else if (quoted) continue
    else if (char === '(' || char === '{') depth += 1
    else if (char === ')' || char === '}') depth -= 1
    else if (char === separator && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}
