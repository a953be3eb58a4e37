import type { Place } from '../interaction.ts'

/**
 * Text that Markdown shows as it is, also in a cell of a table. What means nothing where it stands stays: underlines
 * within words, a colon without a second one, brackets without a link.
 */
export function markdownText(text: string): string {
  return oneLine(text)
    .replace(/[\\`*[\]<>|~$&@]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|#(?=\w)|:(?=[\w+-]+:)/gu, '\\$&')
    .replace(/^(#|-|\+|\d+(?=[.)]))/, (mark) => (/\d/.test(mark) ? `${mark}\\` : `\\${mark}`))
}

/** A name as code; the fence is longer than any row of backticks in it, and a table's cell may hold it. */
export function markdownCode(text: string): string {
  const shown = oneLine(text)
  if (shown.includes('|')) return `<code>${markdownText(shown)}</code>`
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

/** A link to a line of a file; `toRoot` leads from the page to the root of the project, such as `../`. */
export function markdownLink(text: string, { file, line }: Pick<Place, 'file' | 'line'>, toRoot: string): string {
  return `[${markdownText(text)}](${encodePath(`${toRoot}${file}`)}#L${line})`
}

/** A path as a relative link, whatever is in its names. */
export function encodePath(path: string): string {
  return path.split('/').map(encodePart).join('/')
}

function encodePart(part: string): string {
  return encodeURIComponent(part.replace(/\p{Cs}/gu, '\ufffd')).replace(
    /[()'!*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  )
}

/** Control characters and those that turn the direction of text become spaces. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu, ' ').trim()
}
