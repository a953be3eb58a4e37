import { markdownCode, markdownText } from '../../codemap/pages/markdown-text.ts'
import { groupNeeds } from '../group-needs.ts'
import type { SchemaSnapshot, SnapshotTable } from '../schema-snapshot.ts'
import { objectSections } from './object-sections.ts'
import { tableSection } from './table-section.ts'
import { codeName, describeUse, formatBytes, formatRows, formatSize, markdownTable, plural } from './words.ts'
import { worthALook } from './worth-a-look.ts'

/** GitHub shows no page of more than about half a megabyte. */
const MOST_LISTED = 1000
const MOST_TOLD = 200

/** SCHEMA_SNAPSHOT.md: what is in the database, for somebody who never read its documentation. */
export function writeSnapshotPage(snapshot: SchemaSnapshot): string {
  const { tables, objects } = snapshot
  const told = [...tables].sort((a, b) => weight(b) - weight(a)).slice(0, MOST_TOLD)
  const views = tables.filter((table) => table.query !== null)
  const lines = [
    ...opening(snapshot),
    ...firstThings(snapshot),
    ...worthALook(tables),
    '## Tables',
    '',
    ...overview(tables.filter((table) => table.query === null)),
    ...aboutUse(snapshot),
    ...(views.length === 0 ? [] : ['## Views', '', ...viewList(views)]),
    ...objectSections(objects),
    '## Every table and view',
    '',
    ...(told.length < tables.length
      ? [`The ${told.length} largest and most used of ${tables.length}; all are in SCHEMA_SNAPSHOT.json.`, '']
      : []),
    ...tables.filter((table) => told.includes(table)).flatMap(tableSection),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function opening({ server, summary, takenAt, schemas, fingerprint }: SchemaSnapshot): string[] {
  const reader = `as role ${markdownCode(server.role)}${server.standby ? ', from a standby' : ''}`
  return [
    `# The schema of the database ${markdownCode(server.database)}`,
    '',
    `Read by \`crossfade snapshot\` at ${takenAt} from ${markdownText(`PostgreSQL ${server.version}`)}, ${reader}; nothing was changed.`,
    'The exact definitions are in PRODUCTION_SCHEMA_SNAPSHOT.sql, everything on this page and more in SCHEMA_SNAPSHOT.json.',
    '',
    [
      `**${plural(summary.tables, 'table')} with ${plural(summary.columns, 'column')} and ${plural(summary.indexes, 'index', 'indexes')}`,
      plural(summary.foreignKeys, 'foreign key'),
      plural(summary.views, 'view'),
      plural(summary.functions, 'function'),
      plural(summary.triggers, 'trigger'),
      `${plural(summary.policies, 'policy', 'policies')}; about ${plural(summary.rows, 'row')}, ${formatBytes(summary.bytes)}**`,
    ].join(', '),
    '',
    `Schemas: ${schemas.map(({ name, tables }) => `${markdownCode(name)} (${plural(tables, 'table')})`).join(', ') || 'none'}.`,
    `Fingerprint: \`${fingerprint}\`. Databases that are alike have the same.`,
    '',
  ]
}

function firstThings({ leftOut, findings, needs }: SchemaSnapshot): string[] {
  const lines = [
    ...findings.map(({ kind, what, message }) => `${markdownCode(what)} – ${kind}. ${markdownText(message)}`),
    ...(leftOut.length === 0
      ? []
      : [
          `Schemas that were left out: ${leftOut.map(({ name, reason }) => `${markdownCode(name)} (${markdownText(reason)})`).join(', ')}.`,
        ]),
    ...groupNeeds(needs.objects).map(({ object, neededBy, more }) => {
      const rest = more > 0 ? ` and ${more} more` : ''
      return `${markdownCode(object)} – left out, but needed by ${neededBy.map(markdownCode).join(', ')}${rest}.`
    }),
    ...(needs.roles.length === 0
      ? []
      : [`Roles that the definitions name: ${needs.roles.map(markdownCode).join(', ')}.`]),
  ]
  return lines.length === 0 ? [] : ['## What to know first', '', ...lines.map((line) => `- ${line}`), '']
}

function overview(tables: readonly SnapshotTable[]): string[] {
  const rows = tables
    .slice(0, MOST_LISTED)
    .map((table) => [
      codeName(table),
      String(table.columns.length),
      formatRows(table.rows),
      formatSize(table),
      table.primaryKey === null ? 'none' : table.primaryKey.map(markdownCode).join(', '),
      describeUse(table.use),
      table.dependents.length === 0 ? '' : String(table.dependents.length),
    ])
  if (rows.length === 0) return ['There are none.', '']
  const left = tables.length - rows.length
  return [
    ...markdownTable(['table', 'columns', 'rows', 'size', 'primary key', 'use', 'depend on it'], rows),
    ...(left > 0 ? ['', `And ${left} more, in SCHEMA_SNAPSHOT.json.`] : []),
    '',
  ]
}

/** What the counts of the server can't tell. */
function aboutUse({ server }: SchemaSnapshot): string[] {
  if (!server.countsUse) return []
  const since =
    server.countsSince === null
      ? 'The server counts use since it began to, and gives no date: it begins anew after a crash, and with an upgrade.'
      : `The server counts use since ${server.countsSince}.`
  const times = Number.parseInt(server.version, 10) < 16 ? ' Before version 16 it keeps no time of the last read.' : ''
  return [
    `${since}${times} It counts what happens on this server: reads of a replica are not in it. A backup by pg_dump, and counting`,
    'rows for this page, are reads too. Reads through a view count for its tables; partitions count into their table.',
    '“None counted” is no proof that nobody needs a table: a yearly report may read it next week.',
    '',
  ]
}

function viewList(views: readonly SnapshotTable[]): string[] {
  const rows = views
    .slice(0, MOST_LISTED)
    .map((view) => [codeName(view), view.kind, view.readsFrom.map(codeName).join(', '), String(view.columns.length)])
  return [...markdownTable(['view', 'kind', 'reads', 'columns'], rows), '']
}

/** Large tables and much used ones first, whatever is told of the others. */
function weight({ size, use, dependents }: SnapshotTable): number {
  const scans = (use?.sequentialScans ?? 0) + (use?.indexScans ?? 0)
  return Math.log2(1 + (size.table ?? 0)) + Math.log2(1 + scans) + dependents.length
}
