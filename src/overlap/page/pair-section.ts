import { markdownCode, markdownText } from '../../codemap/pages/markdown-text.ts'
import { formatCount } from '../../lib/progress-line.ts'
import type { ComparedColumn, KeyChoice, Pair, PairCounts, Relation } from '../overlap-document.ts'
import { count, number, table } from './words.ts'

/** Two tables: their keys, then each column that both have. */
export function writePair(pair: Pair): string[] {
  const { left, right } = pair
  return [
    `### ${markdownText(left)} and ${markdownText(right)}`,
    '',
    ...writeKey(pair),
    ...(pair.counts === null ? [] : [tellCounts(pair, pair.counts), '']),
    ...(pair.columns.length === 0 ? [] : writeColumns(pair)),
    ...writeExamples(pair),
    ...writeRest(pair),
  ]
}

function writeKey({ key, otherKeys, left, right }: Pair): string[] {
  const others = otherKeys.map((one) => `${tellColumns(one)} (${markdownText(one.why)})`)
  const also = others.length > 0 ? [`Could serve, or looks as if: ${others.join('; ')}.`, ''] : []
  if (key === null)
    return [
      `No column of ${markdownCode(left)} holds the values of one of ${markdownCode(right)}, so their rows can't be told to belong together.`,
      '',
      ...also,
    ]
  return [`Key: ${tellColumns(key)}; ${markdownText(key.why)}.`, '', ...also]
}

function tellColumns({ left, right }: KeyChoice): string {
  const [a, b] = [left.join(', '), right.join(', ')]
  return a === b ? markdownCode(a) : `${markdownCode(a)} = ${markdownCode(b)}`
}

const RELATIONS: Readonly<Record<Relation, (left: string, right: string) => string>> = {
  equal: () => 'Both have the same keys',
  superset: (left, right) => `${left} has every key of ${right} and more`,
  subset: (left, right) => `${right} has every key of ${left} and more`,
  partial: () => 'They share a part of their keys',
  none: () => 'They share no key',
  empty: () => 'One of them has no keys',
}

function tellCounts({ left, right, relation, sample }: Pair, counts: PairCounts): string {
  const [a, b] = [markdownCode(left), markdownCode(right)]
  const estimate = sample === null ? '' : 'about '
  const bounds = sample?.bounds
  const within = (range: { from: number; to: number } | undefined) =>
    range === undefined ? '' : ` (${formatCount(range.from)} to ${formatCount(range.to)})`
  const text =
    `${RELATIONS[relation ?? 'none'](a, b)}: ${estimate}**${formatCount(counts.shared)}** shared${within(bounds?.shared)}, ` +
    `${estimate}**${formatCount(counts.onlyLeft)}** only in ${a}${within(bounds?.onlyLeft)}, ` +
    `${estimate}**${formatCount(counts.onlyRight)}** only in ${b}${within(bounds?.onlyRight)}.`
  if (sample === null) return text
  const percent = Number((sample.share * 100).toPrecision(3))
  return `${text} Estimates from ${count(sample.keys, 'key')}, ${percent} % of them, the same ones on both sides; the bounds hold in 95 of 100 cases.`
}

function writeColumns({ left, right, columns, newerBy, counts }: Pair): string[] {
  const rows = columns.map((one) => [
    one.left === one.right ? markdownCode(one.left) : `${markdownCode(one.left)} = ${markdownCode(one.right)}`,
    number(one.equal),
    number(one.bothNull),
    number(one.rightNull),
    number(one.leftNull),
    one.conflicting === 0 ? '·' : `**${formatCount(one.conflicting)}**`,
    newerBy === null || one.conflicting === 0 ? '' : `${number(one.leftNewer)} / ${number(one.rightNewer)}`,
    tellRemarks(one),
  ])
  const newer = newerBy === null ? [] : [tellNewer(left, right, newerBy), '']
  return [
    `Of the ${formatCount(counts?.shared ?? 0)} shared keys:`,
    '',
    ...table(
      ['column', 'equal', 'both null', 'only left', 'only right', 'conflict', 'newer left / right', ''],
      rows,
      [1, 2, 3, 4, 5, 6],
    ),
    '',
    ...newer,
  ]
}

function tellNewer(left: string, right: string, newer: { left: string; right: string }): string {
  return `Which row is newer is told by ${markdownCode(`${left}.${newer.left}`)} and ${markdownCode(`${right}.${newer.right}`)}.`
}

function tellRemarks(one: ComparedColumn): string {
  const types = one.leftType === one.rightType || one.notes.length > 0 ? [] : [`${one.leftType} / ${one.rightType}`]
  const nearly = one.nearly.map(({ how, count: rows }) => `${formatCount(rows)} ${how}`)
  const by = one.by === 'values' ? ['found by its values'] : []
  const notes = one.notes.filter((note) => !note.startsWith('in most rows'))
  return [...by, ...types, ...notes, ...nearly].map(markdownText).join('; ')
}

function writeExamples({ columns, examples, left, right, toSee }: Pair): string[] {
  const conflicts = columns.filter((one) => one.examples.length > 0)
  const only = [
    ...examples.onlyLeft.map((key) => `only in ${markdownCode(left)}: ${markdownCode(key)}`),
    ...examples.onlyRight.map((key) => `only in ${markdownCode(right)}: ${markdownCode(key)}`),
  ]
  if (conflicts.length === 0 && only.length === 0) return []
  return [
    '<details><summary>Examples, and SQL that shows the rows</summary>',
    '',
    ...(only.length > 0 ? [`Keys ${only.join('; ')}.`, ''] : []),
    ...(conflicts.length > 0
      ? table(
          ['column', 'key', 'left', 'right', 'newer'],
          conflicts.flatMap((one) =>
            one.examples.map((example) => [
              markdownCode(one.left),
              markdownCode(example.key),
              tellValue(example.left),
              tellValue(example.right),
              example.newer ?? '',
            ]),
          ),
        )
      : []),
    '',
    ...(toSee?.conflicts ? ['Rows in conflict:', '', ...fenced(toSee.conflicts)] : []),
    ...(toSee && examples.onlyLeft.length > 0
      ? [`Rows only in ${markdownCode(left)}:`, '', ...fenced(toSee.onlyLeft)]
      : []),
    ...(toSee && examples.onlyRight.length > 0
      ? [`Rows only in ${markdownCode(right)}:`, '', ...fenced(toSee.onlyRight)]
      : []),
    '</details>',
    '',
  ]
}

/** The fence is longer than any row of backticks in it: a name may hold some. */
function fenced(text: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}sql`, text, fence, '']
}

function tellValue(value: string | null): string {
  if (value === null) return '_null or too long_'
  return value.trim() === '' ? '_empty_' : markdownCode(value)
}

function writeRest({ left, right, leftOnlyColumns, rightOnlyColumns, hints }: Pair): string[] {
  const list = (names: readonly string[]) =>
    names.length > 40
      ? `${names.slice(0, 40).map(markdownCode).join(', ')} and ${names.length - 40} more`
      : names.map(markdownCode).join(', ')
  return [
    ...(leftOnlyColumns.length > 0 ? [`Only ${markdownCode(left)} has ${list(leftOnlyColumns)}.`, ''] : []),
    ...(rightOnlyColumns.length > 0 ? [`Only ${markdownCode(right)} has ${list(rightOnlyColumns)}.`, ''] : []),
    ...hints.map((hint) => `- ${markdownText(hint)}`),
    '',
  ]
}
