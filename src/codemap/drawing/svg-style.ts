import type { TableClass } from '../interaction-map.ts'

interface Colours {
  readonly page: string
  readonly ink: string
  readonly quiet: string
  readonly box: string
  readonly edge: string
  readonly writes: string
  readonly reads: string
  readonly classes: { readonly [one in TableClass]: { readonly fill: string; readonly stroke: string } }
}

const LIGHT: Colours = {
  page: '#ffffff',
  ink: '#1b1f24',
  quiet: '#59636e',
  box: '#f6f8fa',
  edge: '#c8ced6',
  writes: '#b4541a',
  reads: '#4d7cab',
  classes: {
    critical: { fill: '#fde2e1', stroke: '#c0362c' },
    important: { fill: '#dcebfa', stroke: '#2f6fae' },
    legacy: { fill: '#eceae6', stroke: '#8c857a' },
    unknown: { fill: '#f8efc8', stroke: '#a98a1f' },
  },
}

const DARK: Colours = {
  page: '#0d1117',
  ink: '#e6edf3',
  quiet: '#9aa4ae',
  box: '#161b22',
  edge: '#3d444d',
  writes: '#e08a4f',
  reads: '#6ea3d6',
  classes: {
    critical: { fill: '#4a1b18', stroke: '#f0776c' },
    important: { fill: '#14324f', stroke: '#6cb0f0' },
    legacy: { fill: '#2a2926', stroke: '#948d82' },
    unknown: { fill: '#3d3512', stroke: '#d9b93b' },
  },
}

const CODE_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
const PROSE_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

/** The rules of the drawing; colours follow what the system prefers. No `var()`: not every viewer of SVG knows it. */
export function styleRules(): string[] {
  return [
    `text { font-family: ${PROSE_FONT}; }`,
    `.code { font-family: ${CODE_FONT}; }`,
    '.line { fill: none; stroke-linecap: round; stroke-opacity: 0.75; }',
    '.reads.line { stroke-dasharray: 5 5; }',
    '.line.wide { stroke: transparent; stroke-dasharray: none; }',
    'a { text-decoration: none; } a:hover text { text-decoration: underline; }',
    ...colourRules(LIGHT),
    `@media (prefers-color-scheme: dark) { ${colourRules(DARK).join(' ')} }`,
  ]
}

function colourRules(colours: Colours): string[] {
  return [
    `.page { fill: ${colours.page}; }`,
    `text { fill: ${colours.ink}; }`,
    `.quiet { fill: ${colours.quiet}; }`,
    `.box { fill: ${colours.box}; stroke: ${colours.edge}; }`,
    `.under { fill: ${colours.page}; }`,
    `.line { stroke: ${colours.writes}; } .reads.line { stroke: ${colours.reads}; }`,
    `.head { fill: ${colours.writes}; } .reads.head { fill: ${colours.reads}; }`,
    ...Object.entries(colours.classes).map(
      ([name, { fill, stroke }]) => `.${name} { fill: ${fill}; stroke: ${stroke}; } .${name}.mark { fill: ${stroke}; }`,
    ),
    `.legacy.mark, .unknown.mark { fill: ${colours.page}; }`,
  ]
}

/** While the pointer is on something, what has nothing to do with it fades. `related` by id, of what it is on. */
export function pointerRules(related: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const parts = [...related].map(([id]) => `svg:has(#${id}:hover) .${id} { opacity: 1; }`)
  return ['svg:has(.part:hover) .part, svg:has(.part:hover) .way { opacity: 0.15; }', ...parts]
}
