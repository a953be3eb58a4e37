import { join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping, UniqueRule } from '../spec/mapping.ts'
import { triggerRow } from './forward-links.ts'
import { enqueueHolders } from './remove.ts'

/**
 * Part of the body of a forward trigger (`forward.ts`): a row that the mapping leaves out for the sake of another has no
 * entry anywhere. So where that other changes, and has no new row whose going would tell, the ones that its old value
 * kept out are looked at again.
 */
export function freeOmitted(t: TargetMapping, s: SourceMapping, before: readonly Sql[]): Sql {
  const rules = freeing(t, s)
  if (rules.length === 0) return raw('')
  const looks = rules.map(
    (rule, i) => sql`
      SELECT ${raw(lookupOf(rule, s) ?? 'NULL')} INTO ${held(i)} FROM ${triggerRow(s, 'OLD')};
      IF ${held(i)} IS NOT NULL THEN
        ${enqueueHolders(t, rule, [held(i)], before)}
      END IF;`,
  )
  const declared = rules.map((rule, i) => sql`${held(i)} ${raw(typeOf(t, rule))};`)
  return sql`
  IF TG_OP <> 'INSERT' THEN
    DECLARE
      ${join(declared, '\n      ')}
    BEGIN${join(looks, '')}
    EXCEPTION WHEN OTHERS THEN
      PERFORM crossfade.enqueue(${literal(t.name)}, '{}', SQLSTATE, SQLERRM);
    END;
  END IF;`
}

/** It has something to do. */
export function freesOmitted(t: TargetMapping, s: SourceMapping): boolean {
  return freeing(t, s).length > 0
}

function freeing(t: TargetMapping, s: SourceMapping): UniqueRule[] {
  return t.uniques.filter((rule) => rule.otherwise === 'omit' && lookupOf(rule, s) !== null)
}

function lookupOf(rule: UniqueRule, s: SourceMapping): string | null {
  return rule.lookups.find(({ source }) => source === s.ordinal)?.sql ?? null
}

function typeOf(t: TargetMapping, rule: UniqueRule): string {
  return t.columns.find((column) => column.name === rule.columns[0])?.baseType ?? 'text'
}

function held(index: number): Sql {
  return raw(`crossfade_held_${index + 1}`)
}
