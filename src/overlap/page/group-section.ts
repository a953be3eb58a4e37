import { markdownCode, markdownText } from '../../codemap/pages/markdown-text.ts'
import { formatCount } from '../../lib/progress-line.ts'
import { shareOfKeys, tellShare } from '../drawing/draw-matrix.ts'
import { tellMapping } from '../mapping-hints.ts'
import type { KeyProfile, Link, OverlapDocument, OverlapGroup } from '../overlap-document.ts'
import { writePair } from './pair-section.ts'
import { count, number, table } from './words.ts'

const MOST_EVIDENCE = 8
const MOST_SETS = 12

/** One group: why it is one, its keys, which of them are where, each two tables, and what a mapping has to say. */
export function writeGroup(
  group: OverlapGroup,
  index: number,
  document: OverlapDocument,
  drawing: string | null,
): string[] {
  const own = document.pairs.filter(({ left, right }) => group.tables.includes(left) && group.tables.includes(right))
  const links = document.links.filter((link) => group.tables.includes(link.table))
  return [
    `## ${index + 1}. ${group.tables.map(markdownText).join(', ')}`,
    '',
    ...writeEvidence(group),
    ...(drawing === null ? [] : [`![Keys by the tables that have them](${drawing})`, '']),
    ...writeSets(group),
    ...writeShares(group, document),
    ...writeKeys(document.keys.filter((key) => group.tables.includes(key.table) && isUsed(key, group, document))),
    ...writeLinks(links),
    ...writeMapping(tellMapping(group, document)),
    ...own.flatMap((pair) => writePair(pair)),
  ]
}

/** Of an identity that is a key, or of a pair of this group. */
function isUsed(profile: KeyProfile, group: OverlapGroup, { identities, pairs }: OverlapDocument): boolean {
  const [column] = profile.columns
  const inIdentity = identities.some(
    ({ kind, members }) =>
      kind === 'key' && members.some((one) => one.table === profile.table && one.column === column),
  )
  const inPair = pairs.some(
    ({ left, right, key }) =>
      key !== null &&
      ((left === profile.table && group.tables.includes(right) && key.left.join() === profile.columns.join()) ||
        (right === profile.table && group.tables.includes(left) && key.right.join() === profile.columns.join())),
  )
  return inIdentity || inPair
}

function writeEvidence({ score, evidence }: OverlapGroup): string[] {
  if (evidence.length === 0) return []
  const more = evidence.length - MOST_EVIDENCE
  return [
    score === null ? 'You named them. What speaks for it:' : `Likeness ${score} of 1. What speaks for it:`,
    '',
    ...evidence.slice(0, MOST_EVIDENCE).map((sentence) => `- ${markdownText(sentence)}`),
    ...(more > 0 ? [`- and ${more} more in the JSON`] : []),
    '',
  ]
}

function writeSets({ sets, key, sample }: OverlapGroup): string[] {
  if (sets.length === 0) return []
  const rows = sets
    .slice(0, MOST_SETS)
    .map((set) => [formatCount(set.keys), set.tables.map(markdownCode).join(' and ')])
  const more = sets.length - rows.length
  const estimate = sample === null ? '' : ` Estimated from ${tellShare(sample.share)} of the keys.`
  return [
    `Keys (${markdownCode(key ?? '')}) that are in exactly these tables:${estimate}`,
    '',
    ...table(['keys', 'tables'], rows, [0]),
    ...(more > 0 ? ['', `${more} smaller sets are in the JSON.`] : []),
    '',
  ]
}

function writeShares({ tables }: OverlapGroup, { pairs }: OverlapDocument): string[] {
  if (tables.length < 3 || tables.length > 12) return []
  const rows = tables.map((of) => [
    markdownCode(of),
    ...tables.map((within) => {
      const share = of === within ? null : shareOfKeys(pairs, of, within)
      return share === null ? '' : tellShare(share)
    }),
  ])
  const numbers = tables.map((_name, index) => index + 1)
  return [
    'Of the keys of the table on the left, so many are in the one above, each two by their own common key:',
    '',
    ...table(['', ...tables.map(markdownCode)], rows, numbers),
    '',
  ]
}

function writeKeys(keys: readonly KeyProfile[]): string[] {
  if (keys.length === 0) return []
  const rows = keys.map((key) => [
    markdownCode(`${key.table}.${key.columns.join(', ')}`),
    formatCount(key.rows),
    number(key.rowsWithoutKey),
    formatCount(key.keys),
    key.duplicatedKeys === 0 ? '·' : `${formatCount(key.duplicatedKeys)} (${count(key.rowsOfDuplicatedKeys, 'row')})`,
    tellSpelling(key),
  ])
  return [
    'The keys, counted over all rows:',
    '',
    ...table(
      ['column', 'rows', 'without key', 'keys', 'keys of several rows', 'how they are written'],
      rows,
      [1, 2, 3, 4],
    ),
    '',
  ]
}

function tellSpelling({ spelling, form }: KeyProfile): string {
  if (spelling === null) return form === 'text' ? 'together' : 'one way only'
  const parts: [number, string][] = [
    [spelling.uuids, 'uuids'],
    [spelling.digits, 'digits'],
    [spelling.others, spelling.uuids + spelling.digits > 0 ? 'something else' : 'text'],
    [spelling.uuidsWithoutHyphens, 'without hyphens'],
    [spelling.withCapitals, 'with capitals'],
    [spelling.withBlanksAround, 'with blanks around'],
  ]
  return parts
    .filter(([rows]) => rows > 0)
    .map(([rows, what]) => `${formatCount(rows)} ${what}`)
    .join(', ')
}

function writeLinks(links: readonly Link[]): string[] {
  if (links.length === 0) return []
  const rows = links.map((link) => [
    `${markdownCode(link.table)} wants ${markdownCode(link.wants)}`,
    `${markdownCode(`${link.through}.${link.take}`)} where ${markdownCode(link.by.column)} = ${markdownCode(link.by.throughColumn)}`,
    formatCount(link.rows),
    number(link.found),
    number(link.ambiguous),
    number(link.withoutValue),
    number(link.notFound) + (link.unlikeOthers > 0 ? ` (${formatCount(link.unlikeOthers)} made up)` : ''),
    number(link.withoutKey),
    number(link.sharedValues),
  ])
  return [
    'Tables without a key that others have, and how their rows find it through a second identity:',
    '',
    ...table(
      [
        '',
        'found in',
        'rows',
        'find one',
        'find several',
        'no value',
        'not found',
        'found without key',
        'share their value',
      ],
      rows,
      [2, 3, 4, 5, 6, 7, 8],
    ),
    '',
    '_Made up_ are values that are written unlike most others of the column. _Share their value_: another row of the table has it, too.',
    '',
  ]
}

function writeMapping(lines: readonly string[]): string[] {
  if (lines.length === 0) return []
  return ['What a mapping has to say:', '', ...lines.map((line) => `- ${line}`), '']
}
