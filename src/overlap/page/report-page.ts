import { markdownCode, markdownText } from '../../codemap/pages/markdown-text.ts'
import { formatCount } from '../../lib/progress-line.ts'
import type { OverlapDocument, OverlapGroup, OverlapTable, Pair } from '../overlap-document.ts'
import { writeGroup } from './group-section.ts'
import { writeMigrations } from './migration-section.ts'
import { count, table } from './words.ts'

/** Files of the drawings, beside the page. */
export interface Drawings {
  /** Null where fewer than two tables were compared. */
  readonly matrix: string | null
  /** By group; null where there is no set to draw. */
  readonly groups: readonly (string | null)[]
}

/** OVERLAP_REPORT.md, as GitHub shows it. Values are in it only where the document has them. */
export function writeOverlapPage(document: OverlapDocument, drawings: Drawings): string {
  const parts = [
    ...writeHead(document),
    ...writeViews(document.tables),
    ...writeShort(document),
    ...(drawings.matrix === null ? [] : [`![Which keys of one table another has](${drawings.matrix})`, '']),
    ...document.groups.flatMap((group, index) => writeGroup(group, index, document, drawings.groups[index] ?? null)),
    ...writeIdentities(document),
    ...writeMigrations(document.migrations),
    ...writeProblems(document),
  ]
  return `${parts
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`
}

function writeHead({ groups, pairs, showsValues, schemas }: OverlapDocument): string[] {
  const sampled = pairs.filter((pair) => pair.sample !== null).length
  const exact = pairs.filter((pair) => pair.counts !== null && pair.sample === null).length
  return [
    '# Which tables hold the same facts',
    '',
    `${count(groups.length, 'group')} of tables in ${schemas.map(markdownCode).join(', ')}; ${count(exact, 'pair')} compared over all rows` +
      `${sampled > 0 ? `, ${count(sampled, 'pair')} over a sample of the keys (their counts are estimates)` : ''}. All figures are of one moment.`,
    '',
    showsValues
      ? 'Examples show values of the database.'
      : 'Examples show the shape of values only: `a` for a small letter, `A` for a capital one, `9` for a digit. `--show-values` shows them.',
    '',
  ]
}

/** First of all: where there is nothing to merge. */
function writeViews(tables: readonly OverlapTable[]): string[] {
  const views = tables.filter((one) => one.shows.length > 0)
  if (views.length === 0) return []
  const lines = views.map(({ name, kind, shows }) => {
    const others = shows.map(markdownCode).join(', ')
    if (kind === 'view')
      return `- ${markdownCode(name)} is a view over ${others}: it has no rows of its own, so there is nothing to merge.`
    if (kind === 'materialized view')
      return `- ${markdownCode(name)} is a materialized view over ${others}: a copy that the server makes, so there is nothing to merge.`
    return `- ${markdownCode(name)} is read with the rows of ${others}, which inherit from it: they are one table to those who read it.`
  })
  return ['## Not tables of their own', '', ...lines, '']
}

function writeShort({ groups, pairs, tables }: OverlapDocument): string[] {
  const unreadable = tables.filter((one) => one.unreadable !== null)
  const lines = groups.map((group, index) => `${index + 1}. ${tellGroup(group, pairs)}`)
  return [
    '## In short',
    '',
    ...(lines.length > 0 ? lines : ['No two tables look like the same thing. Name some to compare them all the same.']),
    '',
    ...unreadable.map((one) => `- ${markdownCode(one.name)} was not read: ${markdownText(one.unreadable ?? '')}.`),
    '',
  ]
}

function tellGroup(group: OverlapGroup, pairs: readonly Pair[]): string {
  const own = pairs.filter(({ left, right }) => group.tables.includes(left) && group.tables.includes(right))
  const conflicts = own.flatMap((pair) => pair.columns).filter((column) => column.conflicting > 0)
  const keys = group.sets.reduce((sum, set) => sum + set.keys, 0)
  const several = group.sets.filter((set) => set.tables.length > 1).reduce((sum, set) => sum + set.keys, 0)
  const names = group.tables.map(markdownCode).join(', ')
  if (group.key === null || keys === 0) return `${names}: no common key with values in several of them.`
  const lacking = group.tables.filter((name) => !group.keyed.includes(name))
  const without =
    lacking.length > 0 ? ` ${lacking.map(markdownCode).join(', ')} lack${lacking.length === 1 ? 's' : ''} it.` : ''
  return (
    `${names}: joined by ${markdownCode(group.key)}, ${formatCount(keys)} different keys, ${formatCount(several)} of them in more than one table; ` +
    `${count(conflicts.length, 'column')} disagree${conflicts.length === 1 ? 's' : ''} somewhere.${without}`
  )
}

function writeIdentities({ identities }: OverlapDocument): string[] {
  if (identities.length === 0) return []
  const rows = identities.map(({ name, kind, members }) => [
    markdownCode(name),
    kind,
    members.map((one) => markdownCode(`${one.table}.${one.column}`)).join(', '),
  ])
  return [
    '## Columns that hold the same values',
    '',
    'Found by the values themselves, whatever the columns are called. A key tells rows apart; contents happen to be the same, which is how a fact told twice shows.',
    '',
    ...table(['identity', 'kind', 'columns'], rows),
    '',
  ]
}

function writeProblems({ problems }: OverlapDocument): string[] {
  if (problems.length === 0) return []
  return [
    '## What could not be read',
    '',
    ...problems.map((one) => `- ${markdownText(one.where)}: ${markdownText(one.message)}. ${markdownText(one.hint)}`),
    '',
  ]
}
