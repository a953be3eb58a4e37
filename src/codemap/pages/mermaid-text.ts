import type { TableClass } from '../interaction-map.ts'

/** What a label may hold as it is: letters and digits of any script, and signs that mean nothing to Mermaid or HTML. */
const PLAIN = /[\p{L}\p{N}\p{M} ,()/+→…·×]/u
/** What changes how text around it is shown, or shows nothing at all. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u

/**
 * A label between quotes, whatever the text is. All that could end it or start something else (quotes, brackets, `#`,
 * backticks, `%%{`, `$$`, `fa:`, tags, Markdown) becomes an entity, which Mermaid shows as the sign that it is.
 */
export function mermaidLabel(text: string): string {
  return `"${mermaidEscape(text)}"`
}

/** Of a text of several lines, each escaped. */
export function mermaidLines(lines: readonly string[]): string {
  return `"${lines.map(mermaidEscape).join('<br/>')}"`
}

function mermaidEscape(text: string): string {
  const signs = [...text].map((sign) => (INVISIBLE.test(sign) ? ' ' : sign))
  const shown = [...signs.join('').trim()]
  if (shown.length === 0) return entity(' ')
  return shown.map((sign, index) => (isPlain(sign, index, shown) ? sign : entity(sign))).join('')
}

/** Markdown takes `_` at the edge of a word for emphasis, and `-` or `1.` at the beginning for a list. */
function isPlain(sign: string, index: number, shown: readonly string[]): boolean {
  if (sign === '-') return index > 0
  if (sign === '.') return shown.slice(0, index).some((before) => !/\d/.test(before))
  const letter = /[\p{L}\p{N}]/u
  if (sign === '_') return letter.test(shown[index - 1] ?? '') && index < shown.length - 1
  return PLAIN.test(sign)
}

function entity(sign: string): string {
  return `#${sign.codePointAt(0)};`
}

/** The colours of the classes, readable on a white and on a dark page. */
const CLASS_STYLES: { readonly [one in TableClass]: string } = {
  critical: 'fill:#fde2e1,stroke:#c0362c,color:#5f1610,stroke-width:2px',
  important: 'fill:#dcebfa,stroke:#2f6fae,color:#123a5f',
  legacy: 'fill:#eceae6,stroke:#8c857a,color:#4c473f,stroke-dasharray:4 3',
  unknown: 'fill:#f5edcf,stroke:#a98a1f,color:#54440b',
}
const FILE_STYLE = 'fill:#f3f4f6,stroke:#6b7280,color:#1f2937'

/** The definitions of the classes that a diagram uses: of tables, and of files (`file`). */
export function mermaidClasses(used: Iterable<TableClass | 'file'>): string[] {
  const names = new Set(used)
  return [...names].sort().map((name) => `  classDef ${name} ${name === 'file' ? FILE_STYLE : CLASS_STYLES[name]}`)
}
