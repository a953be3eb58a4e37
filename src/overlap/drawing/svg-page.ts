import { styleRules } from '../../codemap/drawing/svg-style.ts'
import { element, xmlText } from '../../codemap/drawing/svg-text.ts'

/** Colours beside those of the map's drawing; they follow light and dark as these do. */
const RULES = [
  '.bar { fill: #2f6fae; } .rule { stroke: #c8ced6; } .dot { fill: #1b1f24; } .hole { fill: #e3e7ec; } .share { fill: #2f6fae; } .onshare { fill: #ffffff; }',
  '@media (prefers-color-scheme: dark) { .bar, .share { fill: #6cb0f0; } .rule { stroke: #3d444d; } .dot { fill: #e6edf3; } .hole { fill: #262c34; } .onshare { fill: #0d1117; } }',
]

/** An SVG document that loads nothing and runs nothing. */
export function svgPage(title: string, size: { width: number; height: number }, parts: readonly string[]): string {
  const [width, height] = [Math.ceil(size.width), Math.ceil(size.height)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    element('title', {}, xmlText(title)),
    '<style>',
    ...[...styleRules(), ...RULES].map((rule) => `  ${rule}`),
    '</style>',
    '<rect class="page" width="100%" height="100%"/>',
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

export function svgText(
  text: string,
  at: { x: number; y: number },
  options: { class?: string; size?: number; anchor?: 'start' | 'middle' | 'end'; turned?: boolean } = {},
): string {
  return element(
    'text',
    {
      ...(options.class ? { class: options.class } : {}),
      ...{ x: round(at.x), y: round(at.y), 'font-size': options.size ?? 12, 'text-anchor': options.anchor ?? 'start' },
      ...(options.turned ? { transform: `rotate(-40 ${round(at.x)} ${round(at.y)})` } : {}),
    },
    xmlText(text),
  )
}

export function round(value: number): number {
  return Math.round(value * 10) / 10
}
