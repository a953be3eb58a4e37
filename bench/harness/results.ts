import { type Figure, isReached } from './figure.ts'
import { LIMITS } from './limits.ts'
import type { Machine } from './machine.ts'
import type { Spread } from './statistics.ts'

export interface Measured {
  readonly name: string
  readonly title: string
  readonly how: string
  /** Null where it has nothing to do with rows. */
  readonly rows: number | null
  readonly at: string
  readonly figures: readonly Figure[]
}

/** One point of the growth plot. */
export interface Growth {
  readonly line: string
  readonly unit: string
  readonly rows: number
  readonly value: number
}

/** What the last run of each measure has found; results.json. */
export interface Results {
  readonly machine: Machine | null
  readonly measures: Readonly<Record<string, Measured>>
  readonly growth: { readonly at: string; readonly points: readonly Growth[] } | null
}

/** RESULTS.md. */
export function buildResults(results: Results, order: readonly string[]): string {
  const measured = order.flatMap((name) => results.measures[name] ?? [])
  return `${[
    '# Speed',
    'Made by `npm run bench`; every figure is a ratio of two sides that were measured by turns in one run. The machine decides the absolute values; the ratios are what to look at. Medians, with the middle half in brackets.',
    ...(results.machine ? [machineSection(results.machine)] : []),
    '## The aims',
    overview(measured),
    ...measured.map(section),
    ...(results.growth ? [growthSection(results.growth)] : []),
  ].join('\n\n')}\n`
}

/** On one line. */
export function describeFigure(figure: Figure): string {
  const { of, unit, a, b, ratio, value, note } = figure
  const reached = isReached(figure)
  const verdict = reached === null ? '' : reached ? ' reached' : ' NOT reached'
  const sides =
    ratio && a && b
      ? `${amount(a.median)} / ${amount(b.median)} ${unit} = ${spread(ratio)}`
      : `${amount(value ?? Number.NaN)} ${unit}`
  return `${of}${figure.durable === false ? ', fsync off' : ''}: ${sides}${verdict}${note ? ` (${note})` : ''}`
}

function machineSection(machine: Machine): string {
  const settings = Object.entries(machine.settings).map(([name, value]) => `${name} ${value}`)
  return `## The machine

${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB of memory; one write with fdatasync takes ${machine.fsyncMs.toFixed(2)} ms. PostgreSQL ${machine.postgres}, Node ${machine.node}; client and server share the machine, over the loopback. ${machine.at} UTC.

Settings: ${settings.join(', ')}. Where it says «fsync off», fsync, synchronous_commit and full_page_writes were: the disk's part is gone and the processor's share remains.`
}

function overview(measured: readonly Measured[]): string {
  const lines = measured.map(({ name, title, figures }) => {
    const aimed = figures.filter((figure) => isReached(figure) !== null)
    const reached = aimed.filter((figure) => isReached(figure) === true).length
    return `| [${title}](#${name}) | ${aimed.length === 0 ? 'written down' : `${reached} of ${aimed.length} reached`} |`
  })
  return ['| measure | aims |', '| --- | --- |', ...lines].join('\n')
}

function section({ name, title, how, rows, at, figures }: Measured): string {
  const lines = figures.map((figure) => {
    const { of, unit, a, b, ratio, value, durable, note } = figure
    const reached = isReached(figure)
    const label = `${of}${durable === false ? ', fsync off' : ''}${note ? ` (${note})` : ''}`
    const cells = [
      label,
      ratio ? `**${spread(ratio)}**` : '',
      a && b ? `${amount(a.median)} / ${amount(b.median)} ${unit}` : `${amount(value ?? Number.NaN)} ${unit}`,
      aimOf(figure),
      reached === null ? '' : reached ? 'yes' : '**no**',
    ]
    return `| ${cells.join(' | ')} |`
  })
  const limit = LIMITS[name]
  return [
    `<a id="${name}"></a>\n\n## ${title}`,
    `${how} ${rows === null ? '' : `${rows} rows; `}${at} UTC.`,
    ['| | ratio | sides | aim | reached |', '| --- | ---: | ---: | ---: | --- |', ...lines].join('\n'),
    ...(limit ? [limit] : []),
  ].join('\n\n')
}

function growthSection({ at, points }: NonNullable<Results['growth']>): string {
  const sizes = [...new Set(points.map((point) => point.rows))].sort((a, b) => a - b)
  const names = [...new Set(points.map((point) => point.line))]
  const lines = names.map((name) => {
    const own = points.filter((point) => point.line === name)
    const cells = sizes.map((rows) => amount(own.find((point) => point.rows === rows)?.value ?? Number.NaN))
    return `| ${name}, ${own[0]?.unit ?? ''} | ${cells.join(' | ')} |`
  })
  return `## Growth

![Growth](growth.svg)

Made by \`npm run bench -- --growth\`; ${at} UTC.

| rows | ${sizes.join(' | ')} |
| --- | ${sizes.map(() => '---:').join(' | ')} |
${lines.join('\n')}

${LIMITS.growth ?? ''}`
}

function aimOf({ aim }: Figure): string {
  if (aim?.atMost !== undefined) return `≤ ${aim.atMost}`
  return aim?.atLeast === undefined ? '' : `≥ ${aim.atLeast}`
}

function spread({ median, p25, p75 }: Spread): string {
  return `${median.toFixed(2)} (${p25.toFixed(2)} – ${p75.toFixed(2)})`
}

function amount(value: number): string {
  if (Number.isNaN(value)) return '–'
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return value >= 10 ? value.toFixed(1) : value.toPrecision(3)
}
