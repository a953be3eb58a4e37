import type { CatalogGrant } from '../../catalog/types.ts'
import { markdownCode, markdownText } from '../../codemap/pages/markdown-text.ts'
import { formatCount } from '../../lib/progress-line.ts'
import type { SnapshotColumn, SnapshotDependent, SnapshotIndex, SnapshotTable } from '../schema-snapshot.ts'
import { codeBlock, codeName, describeUse, formatBytes, formatRows, formatSize, markdownTable } from './words.ts'

/** Everything about one table or view that a person asks for. */
export function tableSection(table: SnapshotTable): string[] {
  const { constraints, indexes, triggers, policies, grants, dependents } = table
  return [
    `### ${codeName(table)}`,
    '',
    ...(table.comment === null ? [] : [`> ${markdownText(table.comment)}`, '']),
    `${describeTable(table).join('; ')}.`,
    '',
    ...markdownTable(['column', 'type', 'null', 'default', 'more'], table.columns.map(columnCells)),
    ...list(
      'Constraints',
      constraints
        .filter((one) => one.kind !== 'not null' || !one.validated)
        .map((one) => `${markdownCode(one.name)}: ${markdownCode(one.definition)}`),
    ),
    ...list('Indexes', indexes.map(describeIndex)),
    ...list(
      'Triggers',
      triggers.map(({ definition, enabled }) => {
        return `${markdownCode(definition)}${enabled === 'yes' ? '' : ` – enabled: ${enabled}`}`
      }),
    ),
    ...list(
      `Row level security is ${table.rowSecurity}`,
      policies.map(({ name, permissive, command, roles, using, withCheck }) =>
        [
          `${markdownCode(name)}: ${permissive ? '' : 'restrictive, '}${command}, to ${roles.map(markdownText).join(', ')}`,
          ...(using === null ? [] : [`using ${markdownCode(using)}`]),
          ...(withCheck === null ? [] : [`with check ${markdownCode(withCheck)}`]),
        ].join(', '),
      ),
    ),
    ...list('Grants', describeGrants(grants)),
    ...list('Depends on it', dependents.map(describeDependent)),
    ...(table.query === null ? [] : ['', ...codeBlock(table.query, 'sql')]),
    '',
  ]
}

function describeTable(table: SnapshotTable): string[] {
  const kind = [table.persistence === 'permanent' ? '' : table.persistence, table.kind].join(' ').trim()
  const { children, readsFrom, publications, isPartition, readable } = table
  return [
    `A ${isPartition ? 'partition, ' : ''}${kind} of ${markdownText(table.owner)}`,
    ...(table.query === null ? [`${formatRows(table.rows)} rows`, formatSize(table)] : []),
    ...(table.use === null ? [] : [describeUse(table.use)]),
    ...(table.use?.lastAnalyze ? [`analyzed ${table.use.lastAnalyze.slice(0, 10)}`] : []),
    ...(readable ? [] : ['the role may not read its rows']),
    ...(children.length === 0 ? [] : [`parts: ${children.map(codeName).join(', ')}`]),
    ...(readsFrom.length === 0 ? [] : [`reads ${readsFrom.map(codeName).join(', ')}`]),
    ...(publications.length === 0 ? [] : [`published by ${publications.map(markdownCode).join(', ')}`]),
  ]
}

function columnCells(column: SnapshotColumn): string[] {
  const { name, type, nullable, generated, identity, collation, sequence, comment } = column
  const more = [
    ...(identity === null ? [] : [`identity, ${identity}`]),
    ...(generated === null ? [] : [`generated, ${generated}`]),
    ...(collation === null ? [] : [`collation ${markdownCode(collation)}`]),
    ...(sequence === null ? [] : [`sequence ${codeName(sequence)}`]),
    ...(comment === null ? [] : [markdownText(comment)]),
  ]
  const value = column.default === null ? '' : markdownCode(column.default)
  return [markdownCode(name), markdownCode(type), nullable ? 'null' : 'not null', value, more.join('; ')]
}

function describeIndex(index: SnapshotIndex): string {
  const { definition, valid, bytes, scans, lastScan } = index
  const facts = [
    ...(valid ? [] : ['**not valid**']),
    ...(bytes === null ? [] : [formatBytes(bytes)]),
    ...(scans === null ? [] : [`${formatCount(scans)} scans`]),
    ...(lastScan === null ? [] : [`last ${lastScan.slice(0, 10)}`]),
  ]
  return `${markdownCode(definition)}${facts.length === 0 ? '' : ` – ${facts.join(', ')}`}`
}

/** One line for each role. */
function describeGrants(grants: readonly CatalogGrant[]): string[] {
  const byRole = new Map<string, string[]>()
  for (const { role, privilege, column, grantable } of grants) {
    const words = `${privilege}${column === null ? '' : ` (${markdownCode(column)})`}${grantable ? ' with grant option' : ''}`
    byRole.set(role, [...(byRole.get(role) ?? []), words])
  }
  return [...byRole].map(([role, words]) => `${markdownText(role)}: ${words.join(', ')}`)
}

function describeDependent({ kind, schema, name, table, certain }: SnapshotDependent): string {
  const on = table === null ? '' : ` on ${codeName({ schema, name: table })}`
  const what = table === null ? codeName({ schema, name }) : markdownCode(name)
  return `${kind.replace(' (by text)', '')} ${what}${on}${certain ? '' : ' – its text has the name, and may mean something else'}`
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, '', ...lines.map((line) => `- ${line}`)]
}
