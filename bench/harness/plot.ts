import type { Growth } from './results.ts'

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [920, 520, 70, 40, 330, 50]
const COLORS = [
  '#1b6ca8',
  '#c8553d',
  '#2f8f5b',
  '#8a5fb5',
  '#b8860b',
  '#3b3b3b',
  '#d1478b',
  '#5a8f9e',
  '#7a4a2b',
  '#6b8e23',
]

/** Values against rows on two logarithmic axes: what grows with the number of rows is a straight line. */
export function plotGrowth(points: readonly Growth[]): string {
  const names = [...new Set(points.map((point) => point.line))]
  const x = scale(
    points.map((point) => point.rows),
    LEFT,
    WIDTH - RIGHT,
  )
  const y = scale(
    points.map((point) => point.value),
    HEIGHT - BOTTOM,
    TOP,
  )
  const lines = names.map((name, i) => {
    const own = points.filter((point) => point.line === name).sort((a, b) => a.rows - b.rows)
    const color = COLORS[i % COLORS.length] ?? '#000'
    const path = own.map((point, n) => `${n === 0 ? 'M' : 'L'}${x.at(point.rows)} ${y.at(point.value)}`).join(' ')
    const dots = own.map(
      (point) => `<circle cx="${x.at(point.rows)}" cy="${y.at(point.value)}" r="3" fill="${color}"/>`,
    )
    const place = TOP + 18 * i
    return `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}
<rect x="${WIDTH - RIGHT + 30}" y="${place - 9}" width="12" height="12" fill="${color}"/>
<text x="${WIDTH - RIGHT + 48}" y="${place + 2}">${escapeText(name)}, ${escapeText(own[0]?.unit ?? '')}</text>`
  })
  const across = x.ticks.map(
    (tick) => `<line x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"/>
<text x="${x.at(tick)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${tick.toLocaleString('en-US')}</text>`,
  )
  const up = y.ticks.map(
    (tick) => `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y.at(tick)}" y2="${y.at(tick)}" stroke="#ddd"/>
<text x="${LEFT - 8}" y="${y.at(tick) + 4}" text-anchor="end">${tick.toLocaleString('en-US', { maximumFractionDigits: 3 })}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>What each measure takes, by the number of rows</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${[...across, ...up, ...lines].join('\n')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">rows</text>
</svg>
`
}

interface Scale {
  at(value: number): number
  /** The powers of ten. */
  readonly ticks: readonly number[]
}

function scale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9)
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9))
  return {
    at: (value) => Math.round((from + ((Math.log10(value) - low) / (high - low)) * (to - from)) * 10) / 10,
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  }
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
