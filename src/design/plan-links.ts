import type { CatalogTable } from '../catalog/types.ts'
import { formatCount } from '../lib/progress-line.ts'
import type { Link } from '../overlap/overlap-document.ts'
import type { Via } from '../spec/config.ts'
import type { DesignFacts } from './design-facts.ts'
import { question, type Remark, reason } from './design-plan.ts'
import { plainName } from './plain-name.ts'
import type { PlannedColumn } from './plan-column.ts'
import type { KeyPlan } from './plan-key.ts'

/** A value that a source lacks and another table knows. */
export interface PlannedLink {
  readonly table: string
  /** The new column; null: the key. */
  readonly column: string | null
  readonly via: Via
  readonly remarks: readonly Remark[]
}

/** A link that finds less is no rule, but an accident. */
const LEAST_SHARE = 0.6

/** By the way that finds most rows, through the table in which the value is rarest. `nullable`: columns that it may leave empty. */
export function planLinks(
  tables: readonly CatalogTable[],
  planned: readonly PlannedColumn[],
  key: KeyPlan | null,
  isMerge: boolean,
  facts: DesignFacts,
): { readonly found: readonly PlannedLink[]; readonly nullable: ReadonlySet<string> } {
  const found: PlannedLink[] = []
  for (const table of tables) {
    const wanted = new Set(facts.overlap.links.filter((link) => link.table === table.name).map((link) => link.wants))
    for (const wants of wanted) {
      const link = bestLink(table.name, wants, key, isMerge, facts)
      if (link === null) continue
      const target = planned.find(({ column }) => isOfIdentity(column.members, wants, facts))
      const has = target?.column.members.some((one) => one.table === table.name) ?? false
      const isKey = isMerge && key?.identity === wants && !key.members.some((one) => one.table === table)
      if (isKey && key) found.push(describe(link, null, key.parts[0]?.type.baseType ?? 'text', facts))
      else if (target && !has) found.push(describe(link, target.column.name, target.column.shape.baseType, facts))
    }
  }
  return { found, nullable: new Set(found.flatMap(({ column }) => column ?? [])) }
}

function isOfIdentity(members: PlannedColumn['column']['members'], name: string, { overlap }: DesignFacts): boolean {
  const identity = overlap.identities.find((one) => one.name === name)
  return members.some((one) =>
    identity?.members.some((other) => other.table === one.table && other.column === one.column),
  )
}

function bestLink(
  table: string,
  wants: string,
  key: KeyPlan | null,
  isMerge: boolean,
  { overlap, catalog, oldSchema }: DesignFacts,
): Link | null {
  const repeats = (link: Link): number =>
    overlap.keys.find((one) => one.table === link.through && one.columns.join() === link.by.throughColumn)
      ?.rowsOfDuplicatedKeys ?? Number.MAX_SAFE_INTEGER
  const reached = (link: Link): number => link.found + link.ambiguous
  const usable = overlap.links.filter((link) => {
    if (link.table !== table || link.wants !== wants || reached(link) < link.rows * LEAST_SHARE) return false
    const through = catalog.tables.find((one) => one.schema === oldSchema && one.name === link.through)
    if (through?.kind !== 'table' && through?.kind !== 'partitioned table') return false
    // The merge itself brings it along: another source's row has the same key.
    return !(isMerge && link.by.identity === key?.identity)
  })
  usable.sort((a, b) => reached(b) - reached(a) || repeats(a) - repeats(b))
  return usable[0] ?? null
}

function describe(link: Link, column: string | null, type: string, { catalog, oldSchema }: DesignFacts): PlannedLink {
  const through = catalog.tables.find((one) => one.schema === oldSchema && one.name === link.through)
  const taken = through?.columns.find((one) => one.name === link.take)
  const [from, to] = [plainName(link.by.column), plainName(link.by.throughColumn)]
  const take = taken && taken.baseType !== type ? `${plainName(link.take)}::${type}` : plainName(link.take)
  const via: Via = {
    via: link.through,
    on: from === to ? from : { from, to },
    take,
    otherwise: column === null ? 'journal' : 'null',
  }
  const none = link.rows - link.found - link.ambiguous
  return {
    table: link.table,
    column,
    via,
    remarks: [
      reason(
        `${formatCount(link.found + link.ambiguous)} of ${formatCount(link.rows)} rows find it through ${link.through}`,
      ),
      ...(link.ambiguous > 0
        ? [
            question(
              `${formatCount(link.ambiguous)} rows find several, of which the first by primary key counts. Shall it be the newest (pick: 'latest by …')?`,
            ),
          ]
        : []),
      ...(none > 0
        ? [
            question(
              `${formatCount(none)} rows find none and ${column === null ? 'wait in the journal' : 'have none'}. Is that right?`,
            ),
          ]
        : []),
    ],
  }
}
