import type { Catalog, CatalogIndex, CatalogTable } from '../catalog/types.ts'
import type { DesignPlan, TargetPlan } from './design-plan.ts'
import { stands } from './plan-uniques.ts'

/** The catalog as it will be once the draft's DDL has run, so that its mapping can be resolved before anything is created. */
export function catalogWith(plan: DesignPlan, catalog: Catalog): Catalog {
  const tables = plan.targets.map((target, at) => tableOf(target, plan.newSchema, -1 - at))
  return { ...catalog, tables: [...catalog.tables, ...tables] }
}

function tableOf(target: TargetPlan, schema: string, oid: number): CatalogTable {
  return {
    ...{ oid, schema, name: target.name, kind: 'table', owner: '', persistence: 'permanent', comment: null },
    columns: target.columns.map(({ name, shape }, at) => ({
      ...{ ...shape, position: at + 1 },
      // An identity draws from a sequence of its own.
      sequence: shape.identity === null ? null : { schema, name: `${target.name}_${name}_seq` },
    })),
    constraints: target.checks.flatMap(({ condition }, at) =>
      condition === null
        ? []
        : [
            {
              ...{ name: `check_${at + 1}`, kind: 'check', columns: [], definition: `CHECK (${condition})` },
              ...SETTLED,
            },
          ],
    ),
    indexes: [primaryIndex(target), ...uniqueIndexes(target)],
    ...{ triggers: [], rowSecurity: target.security.enabled, forceRowSecurity: target.security.forced },
    ...{ policies: target.security.policies, grants: [], children: [], isPartition: false, viewQuery: null },
    ...{ updatable: true, readsFrom: [], publications: [], estimatedRows: null },
  }
}

const SETTLED = { deferrable: false, validated: true, references: null }

function primaryIndex({ name, primaryKey }: TargetPlan): CatalogIndex {
  return { ...uniqueIndex(`${name}_pkey`, primaryKey), primary: true }
}

function uniqueIndexes({ name, uniques }: TargetPlan): CatalogIndex[] {
  return uniques.filter(stands).map(({ columns }, at) => uniqueIndex(`${name}_key_${at + 1}`, columns))
}

function uniqueIndex(name: string, columns: readonly string[]): CatalogIndex {
  return {
    ...{ name, unique: true, primary: false, columns, parts: columns, predicate: null },
    ...{ nullsNotDistinct: false, immediate: true, valid: true, method: 'btree', definition: '' },
  }
}
