import { markdownCode, markdownText } from '../../codemap/pages/markdown-text.ts'
import type { SnapshotObject } from '../schema-snapshot.ts'
import { markdownTable } from './words.ts'

/** In the order of the page: the title, which kinds, and which facts of them a person asks for first. */
const SECTIONS: readonly [title: string, kinds: readonly string[], facts: readonly string[]][] = [
  [
    'Types',
    ['enum', 'domain', 'composite type', 'range type', 'base type'],
    ['labels', 'type', 'attributes', 'subtype'],
  ],
  [
    'Functions',
    ['function', 'procedure', 'aggregate', 'window function'],
    ['returns', 'language', 'volatility', 'securityDefiner'],
  ],
  ['Sequences', ['sequence'], ['type', 'ownedBy', 'increment', 'maximum']],
  ['Extensions', ['extension'], ['version', 'schema']],
  ['Publications', ['publication'], ['allTables', 'schemas', 'tables', 'publishes']],
  ['Event triggers', ['event trigger'], ['event', 'tags', 'function', 'enabled']],
  ['Default privileges', ['default privileges'], ['grants']],
  ['Foreign servers', ['foreign-data wrapper', 'foreign server'], ['wrapper', 'options', 'foreignOptions']],
]
/** Told with what they are a part of. */
const PARTS = new Set(['column', 'constraint'])
const MOST = 1000

/** Everything that is no part of a table, one table for each kind. */
export function objectSections(objects: readonly SnapshotObject[]): string[] {
  const known = new Set(SECTIONS.flatMap(([, kinds]) => kinds))
  const rest = objects.filter(({ kind }) => !known.has(kind) && !PARTS.has(kind))
  return [
    ...SECTIONS.flatMap(([title, kinds, facts]) => {
      return section(
        title,
        objects.filter(({ kind }) => kinds.includes(kind)),
        facts,
      )
    }),
    ...section('Other objects', rest, ['definition']),
  ]
}

function section(title: string, objects: readonly SnapshotObject[], facts: readonly string[]): string[] {
  if (objects.length === 0) return []
  const used = facts.filter((fact) => objects.some((object) => object.facts[fact] !== undefined))
  const rows = objects
    .slice(0, MOST)
    .map(({ kind, name, facts: known }) => [
      markdownCode(name),
      kind,
      ...used.map((fact) => tell(known[fact])),
      tell(known.comment),
    ])
  const left = objects.length - rows.length
  return [
    `## ${title}`,
    '',
    ...markdownTable(['name', 'kind', ...used.map(spell), 'comment'], rows),
    ...(left > 0 ? ['', `And ${left} more, in SCHEMA_SNAPSHOT.json.`] : []),
    '',
  ]
}

/** securityDefiner as `security definer`. */
function spell(fact: string): string {
  return fact.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function tell(fact: SnapshotObject['facts'][string] | undefined): string {
  if (fact === undefined) return ''
  if (typeof fact === 'boolean') return fact ? 'yes' : 'no'
  return markdownText(Array.isArray(fact) ? fact.join(', ') : String(fact))
}
