import { markdownCode } from '../codemap/pages/markdown-text.ts'
import { formatCount } from '../lib/progress-line.ts'
import type { ComparedColumn, KeyProfile, Link, OverlapDocument, OverlapGroup, Pair } from './overlap-document.ts'

/**
 * What a mapping of this group has to say, in the words of the configuration, each with the figure that it comes from.
 * Markdown. What is a matter of taste (which side of a conflict is right) is put as a question.
 */
export function tellMapping(group: OverlapGroup, document: OverlapDocument): string[] {
  const pairs = document.pairs.filter(({ left, right }) => group.tables.includes(left) && group.tables.includes(right))
  const keys = document.keys.filter((key) => group.tables.includes(key.table))
  return [
    ...tellKeys(group, keys, document),
    ...bestLinks(document.links.filter((link) => group.tables.includes(link.table))).map((link) =>
      tellLink(link, document.keys),
    ),
    ...tellDuplicates(group, keys, document),
    ...tellColumns(pairs),
    ...tellConflicts(pairs),
  ]
}

function tellKeys(group: OverlapGroup, keys: readonly KeyProfile[], document: OverlapDocument): string[] {
  if (group.key === null) return []
  const identity = document.identities.find((one) => one.name === group.key)
  const key = markdownCode(group.key)
  const lines = [`Key: ${key}, which ${group.keyed.map(markdownCode).join(', ')} have.`]
  for (const profile of keys) {
    const [column] = profile.columns
    const member = identity?.members.some((one) => one.table === profile.table && one.column === column)
    const { spelling } = profile
    if (!member || column === undefined || spelling === null) continue
    const name = markdownCode(profile.table)
    if (isUuidText(profile)) {
      const none = spelling.others + spelling.digits
      const rest = none > 0 ? ` ${formatCount(none)} rows have no uuid there and would go to the journal.` : ''
      lines.push(`${name}: ${markdownCode(`key: '${column}::uuid'`)}, as its uuids are kept as text.${rest}`)
    } else if (spelling.digits > spelling.others && spelling.others > 0)
      lines.push(
        `${name}: ${formatCount(spelling.others)} values of ${markdownCode(column)} are no number as the others are (made up?). Leave such rows out with ${markdownCode('where')}?`,
      )
    if (profile.rowsWithoutKey > 0)
      lines.push(
        `${name}: ${formatCount(profile.rowsWithoutKey)} rows have no ${markdownCode(column)}: ${markdownCode('otherwise')} says what becomes of them.`,
      )
  }
  return lines
}

function isUuidText({ spelling }: KeyProfile): boolean {
  return spelling !== null && spelling.uuids > spelling.digits + spelling.others
}

/** For each table and key the way that finds most. */
function bestLinks(links: readonly Link[]): Link[] {
  const best = new Map<string, Link>()
  for (const link of links) {
    const id = `${link.table}\0${link.wants}`
    const known = best.get(id)
    if (known === undefined || link.found > known.found) best.set(id, link)
  }
  return [...best.values()].filter((link) => link.found > 0)
}

function tellLink(link: Link, keys: readonly KeyProfile[]): string {
  const { column, throughColumn } = link.by
  const on = column === throughColumn ? `'${column}'` : `{ from: '${column}', to: '${throughColumn}' }`
  const taken = keys.find((one) => one.table === link.through && one.columns.join() === link.take)
  const take = taken && isUuidText(taken) ? `${link.take}::uuid` : link.take
  const words = `{ via: '${link.through}', on: ${on}, take: '${take}' }`
  const parts = [
    ...(link.ambiguous > 0 ? [`${formatCount(link.ambiguous)} find several`] : []),
    ...(link.withoutValue > 0 ? [`${formatCount(link.withoutValue)} have no value`] : []),
    ...(link.notFound > 0 ? [`${formatCount(link.notFound)} find none`] : []),
    ...(link.withoutKey > 0 ? [`${formatCount(link.withoutKey)} find a row without it`] : []),
  ]
  const rest = parts.length > 0 ? `; ${parts.join(', ')}` : ''
  return `${markdownCode(link.table)} finds ${markdownCode(link.wants)} by ${markdownCode(words)}: ${formatCount(link.found)} of ${formatCount(link.rows)} rows${rest}.`
}

function tellDuplicates(group: OverlapGroup, keys: readonly KeyProfile[], { identities }: OverlapDocument): string[] {
  const identity = identities.find((one) => one.name === group.key)
  return keys.flatMap((profile) => {
    const isKey = identity?.members.some((one) => one.table === profile.table && one.column === profile.columns[0])
    if (!isKey || profile.duplicatedKeys === 0) return []
    const most = profile.mostRowsOfOneKey > 2 ? `, up to ${formatCount(profile.mostRowsOfOneKey)}` : ''
    return [
      `${markdownCode(profile.table)}: ${formatCount(profile.duplicatedKeys)} keys have several rows${most}. Are these versions of one row (merge, ${markdownCode('latestBy')}) or facts of their own (append)?`,
    ]
  })
}

function tellColumns(pairs: readonly Pair[]): string[] {
  return pairs.flatMap(({ left, right, columns }) =>
    columns.flatMap((one) => {
      const both = `${markdownCode(`${left}.${one.left}`)} and ${markdownCode(`${right}.${one.right}`)}`
      const [scaled] = one.nearly.filter(({ how, count }) => how.includes('100 times') && count * 2 > one.conflicting)
      if (scaled !== undefined) {
        const larger = scaled.how.startsWith('the right') ? `${right}.${one.right}` : `${left}.${one.left}`
        return [
          `${both} are one fact in two units: ${markdownCode(larger)} is 100 times the other in ${formatCount(scaled.count)} rows. Divide or multiply in ${markdownCode('from')}, and name its ${markdownCode('back')}.`,
        ]
      }
      if (one.by === 'values' && one.equal > 0)
        return [`${both} are one column under two names: equal in ${formatCount(one.equal)} rows.`]
      return []
    }),
  )
}

/** Times of writing differ by nature. What agrees less often than not is measured twice rather than told twice. */
function tellConflicts(pairs: readonly Pair[]): string[] {
  return pairs.flatMap((pair) => {
    const { left, right, columns, newerBy } = pair
    const both = `${markdownCode(left)} and ${markdownCode(right)}`
    const real = columns.filter((one) => realConflicts(one) > 0 && !/^(timestamp|date|time)/.test(one.leftType))
    const apart = real.filter((one) => one.equal < realConflicts(one))
    const decisions = real
      .filter((one) => !apart.includes(one))
      .map((one) => {
        const newer =
          newerBy === null
            ? ''
            : ` (newer on the left in ${formatCount(one.leftNewer)}, on the right in ${formatCount(one.rightNewer)})`
        return `Which one is right where ${both} disagree on ${markdownCode(nameOf(one))}? ${formatCount(realConflicts(one))} rows${newer}. The order of sources decides, or ${markdownCode("pick: 'latest by …'")}.`
      })
    if (apart.length === 0) return decisions
    const names = apart.map((one) => markdownCode(nameOf(one))).join(', ')
    return [
      ...decisions,
      `${both} disagree more often than not on ${names}: other measurements, or other things by the same name? Then they are no sources of one column.`,
    ]
  })
}

function realConflicts({ conflicting, nearly }: ComparedColumn): number {
  return conflicting - nearly.reduce((sum, { count }) => sum + count, 0)
}

function nameOf({ left, right }: ComparedColumn): string {
  return left === right ? left : `${left} / ${right}`
}
