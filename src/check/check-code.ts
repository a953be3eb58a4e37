import type pg from 'pg'
import type { Project } from '../control/project.ts'
import { checkCoverage } from '../coverage/check-coverage.ts'
import type { CoveredAccess, Finding, NewTable } from '../coverage/coverage.ts'
import { buildOldTables } from '../coverage/feeds.ts'
import type { Design } from '../lifecycle/design.ts'
import { findFailingCode } from './failing-code.ts'
import type { Found } from './finding.ts'
import { placesOf } from './places.ts'
import type { ReadMap } from './read-map.ts'
import { type LiveNames, readLiveNames } from './read-relations.ts'

/** What the map of the code says of the mapping, and of the database as it is; without a map that there is none. */
export async function checkCode(
  session: pg.Client,
  project: Project,
  { mapping, tables, sources }: Design,
  map: ReadMap | null,
): Promise<Found[]> {
  if (map === null)
    return [
      {
        ...{ id: ['code', 'no-map'], severity: 'note', where: 'the code' },
        what: 'there is no DATABASE_INTERACTION_MAP.json in the folder for artifacts, so what the code does with the old tables was not looked at',
        advice: 'Run crossfade map, then crossfade check again.',
      },
    ]
  const { accesses, unresolved, writtenAt } = map
  const names = [...accesses.map(({ table }) => table), ...sources.map(({ name }) => name)]
  const live = await readLiveNames(session, [...new Set(names)])
  const newTables = tables.filter((table) => table.schema === mapping.newSchema)
  return [
    {
      ...{ id: ['code', 'map'], severity: 'note', where: 'the code' },
      what: `what is said of it comes from DATABASE_INTERACTION_MAP.json of ${writtenAt.slice(0, 16).replace('T', ' ')} UTC: ${accesses.length} accesses, and ${unresolved} of which no table is known`,
      advice: 'Whether the code has changed since, it does not say: crossfade map makes a new one.',
    },
    ...tellCoverage(project, newTables.map(shapeOf), accesses, live),
    ...findFailingCode(accesses, live, new Set(newTables.map(({ name }) => name))),
  ]
}

function shapeOf({ name, columns, indexes }: Design['tables'][number]): NewTable {
  const unique = indexes.filter((index) => index.unique && index.predicate === null && !index.columns.includes(null))
  return {
    name,
    columns: columns.map((column) => column.name),
    uniques: unique.map((index) => index.columns.flatMap((column) => column ?? [])),
  }
}

interface Told {
  /** The first of them. */
  readonly finding: Finding
  readonly id: readonly string[]
  readonly columns: Set<string>
  readonly covered: CoveredAccess[]
}

/** One finding for each thing that is to be decided, with all places. New names alone are told by MAPPING_COVERAGE.md. */
function tellCoverage(
  { config }: Project,
  newTables: readonly NewTable[],
  accesses: ReadMap['accesses'],
  live: LiveNames,
): Found[] {
  const columnsOf = (schema: string, name: string): readonly string[] | null =>
    live.relations.find((one) => one.schema === schema && one.name === name)?.columns ?? null
  const oldSchema = config.oldSchema ?? 'public'
  const coverage = checkCoverage(accesses, buildOldTables(config, newTables, columnsOf), config.keep ?? [])
  const all = new Map<string, Told>()
  for (const covered of coverage.accesses) {
    const { access } = covered
    for (const finding of covered.findings) {
      // A column that isn't there is told as what fails already.
      const known = columnsOf(access.schema ?? oldSchema, access.table)
      if (finding.kind === 'unmapped' && known !== null && !known.includes(finding.column ?? '')) continue
      const id = ['code', finding.kind, access.table, ...tellApart(covered, finding)]
      const key = JSON.stringify([id, finding.kind === 'precedence' ? finding.message : null])
      const told = all.get(key) ?? { finding, id, columns: new Set(), covered: [] }
      if (finding.column !== null) told.columns.add(finding.column)
      told.covered.push(covered)
      all.set(key, told)
    }
  }
  return [...all.values()].flatMap(tell)
}

/** Of precedence there is one for all columns of which the same is true. */
function tellApart({ access }: CoveredAccess, { kind, column }: Finding): string[] {
  if (kind === 'precedence') return []
  if (kind === 'conflict') return [(access.conflict ?? []).join('-')]
  return [column ?? access.operation]
}

/** Undefined: of no importance here. */
const MEANINGS: { readonly [Kind in Finding['kind']]?: Pick<Found, 'severity' | 'advice'> } = {
  unmapped: {
    severity: 'decide',
    advice:
      'Map it to a new column, or take it out of the code before finish: from then on it is in the archive alone.',
  },
  conflict: {
    severity: 'decide',
    advice: 'Give the new table this unique key, or another conflict target to the code when it moves.',
  },
  precedence: {
    severity: 'note',
    advice:
      'While reads are ramped, such a read may be answered otherwise than by the old table: see that the code can bear it.',
  },
  'shared row': { severity: 'note', advice: 'Mind it when this code moves to the new name.' },
  'shared table': { severity: 'note', advice: 'Mind it when this code moves to the new name.' },
  truncate: { severity: 'note', advice: 'Leave it on the old name until finish, or write DELETE.' },
}

function tell({ finding, id, columns, covered }: Told): Found[] {
  const meaning = MEANINGS[finding.kind]
  const [first] = covered
  if (meaning === undefined || first === undefined) return []
  return [
    {
      ...{ id, ...meaning, where: first.access.table, what: sayWhat(finding, columns, covered) },
      places: placesOf(covered.map(({ access }) => access)),
    },
  ]
}

const USES = { read: 'read', written: 'written', filtered: 'compared', ordered: 'sorted' } as const

/** Of an unmapped column what all of the code does with it. */
function sayWhat(
  { kind, column, message }: Finding,
  columns: ReadonlySet<string>,
  covered: readonly CoveredAccess[],
): string {
  if (kind === 'precedence') return `${[...columns].join(', ')}: ${message}`
  if (kind !== 'unmapped' || column === null) return message
  const uses = (['read', 'written', 'filtered', 'ordered'] as const).filter((use) =>
    covered.some(({ access }) => access.columns[use].includes(column)),
  )
  return `${column} is ${uses.map((use) => USES[use]).join(', ')} by code, and nothing in the mapping takes it`
}
