import pc from 'picocolors'
import { formatCount } from '../../lib/progress-line.ts'
import type { OverlapDocument, Pair } from '../overlap-document.ts'
import { count } from './words.ts'

/** The report in a few lines for the terminal. */
export function tellOverlap(document: OverlapDocument, files: readonly string[]): string[] {
  const { groups, pairs, tables, problems } = document
  const views = tables.filter((one) => one.shows.length > 0)
  return [
    ...views.map((one) => `${pc.yellow('!')} ${one.name} shows ${one.shows.join(', ')} again: nothing to merge`),
    ...(groups.length === 0
      ? ['No two tables look like the same thing. Name some: crossfade overlap <table> <table>']
      : []),
    ...groups.flatMap((group, index) => [
      `${pc.bold(`${index + 1}. ${group.tables.join(', ')}`)}`,
      `   ${group.key === null ? 'no common key' : `common key ${group.key}, in ${group.keyed.join(', ')}`}`,
      ...pairs
        .filter(({ left, right }) => group.tables.includes(left) && group.tables.includes(right))
        .map((pair) => `   ${tellPair(pair)}`),
    ]),
    ...tables.filter((one) => one.unreadable !== null).map((one) => `${pc.yellow('!')} ${one.name}: ${one.unreadable}`),
    ...problems.map((one) => `${pc.yellow('!')} ${one.where}: ${one.message}`),
    '',
    ...files.map((file, index) => `${index === 0 ? 'Written: ' : '         '}${file}`),
  ]
}

function tellPair({ left, right, counts, columns, key }: Pair): string {
  const names = `${left} and ${right}`
  if (key === null || counts === null)
    return `${names}: ${key === null ? 'no column holds the same values' : 'not compared'}`
  const conflicts = columns.filter((column) => column.conflicting > 0)
  const { shared, onlyLeft, onlyRight } = counts
  return `${names}: ${formatCount(shared)} shared, ${formatCount(onlyLeft)} and ${formatCount(onlyRight)} on one side only, ${count(conflicts.length, 'column')} with conflicts`
}
