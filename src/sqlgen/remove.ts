import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ChildRule, Mapping, TargetMapping, UniqueRule } from '../spec/mapping.ts'
import { functionStatement } from './function.ts'
import { columnEquals, keyEquals, keyOf, keyParameters, keyText, stored } from './keys.ts'
import { leaveWordOfGone } from './leave-word.ts'
import { display, handleColumn, lineageTable, relation, removeFunction } from './names.ts'
import { contenders } from './refusal.ts'
import type { Statement } from './statement.ts'

/**
 * `remove_<table>(key…)` takes one new row away, with its lineage, and has computed again what that concerns: rows that
 * reference it, and rows that wanted a unique value of it.
 */
export function removeStatement(m: Mapping, t: TargetMapping): Statement {
  const own = keyParameters(t)
  const parameters = join(t.key.map((key) => raw(key.type)))
  const name = removeFunction(t)
  const ofKey = keyEquals(t, keyOf(t, 't'), own)
  const ofHandle = join(
    t.handle.map((h, i) => sql`t.${ident(h.name)} = crossfade_origin.${handleColumn(i)}`),
    ' AND ',
  )
  const lineage = sql`DELETE FROM ${lineageTable(t)} AS l WHERE ${keyEquals(t, keyOf(t, 'l'), own)}`
  const removal =
    t.kind === 'merge'
      ? sql`${lineage};
  DELETE FROM ${relation(t.relation)} AS t WHERE ${ofKey} RETURNING t.* INTO crossfade_gone;`
      : sql`${lineage} RETURNING l.* INTO crossfade_origin;
  DELETE FROM ${relation(t.relation)} AS t WHERE ${ofHandle} RETURNING t.* INTO crossfade_gone;`
  const following = after(m, t, raw('crossfade_gone'), own)
  const followed =
    following.text === ''
      ? raw('')
      : sql`
  IF FOUND THEN${following}
  END IF;`
  const body = sql`
#variable_conflict use_column
DECLARE
  crossfade_guard text := current_setting('crossfade.guard', true);
  crossfade_origin record;
  crossfade_gone record;
  crossfade_ignored text;
BEGIN
  crossfade_ignored := set_config('crossfade.guard', crossfade.guard_for(${t.number}, (${keyText(t, own)})::text), true);
  ${removal}${followed}
  crossfade_ignored := set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
END`
  return functionStatement({
    id: `remove:${t.name}`,
    name,
    arguments: parameters,
    returns: raw('void'),
    body,
    entry: false,
    comment: `Crossfade: takes the row of ${display(t.relation)} with this key away`,
    why: `the one way in which rows of ${display(t.relation)} go`,
  })
}

/** What is computed again when the row in the record `gone` has left. */
function after(m: Mapping, t: TargetMapping, gone: Sql, own: readonly Sql[]): Sql {
  return sql`${join(
    t.children.map((child) => sql`\n    ${enqueueChildren(m, t, child, gone)}`),
    '',
  )}${join(
    t.uniques.map((rule) => sql`\n    ${enqueueContenders(t, rule, gone, own)}`),
    '',
  )}${leaveWordOfGone(t, gone.text)}`
}

/** Rows that reference what the record `gone` had in the columns of this rule. */
export function enqueueChildren(m: Mapping, t: TargetMapping, rule: ChildRule, gone: Sql): Sql {
  const child = m.targets.find((t) => t.name === rule.name)
  if (!child) throw new Error(`no new table is called ${rule.name}`)
  const { from, key } = stored(child)
  const references = join(
    rule.columns.map((column, i) => {
      const name = rule.referenced[i] ?? ''
      return columnEquals(t, name, sql`t.${ident(column)}`, sql`${gone}.${ident(name)}`)
    }),
    ' AND ',
  )
  return sql`INSERT INTO crossfade.outbox (target, key) SELECT ${literal(child.name)}, ${keyText(child, key)} FROM ${from} WHERE ${references};`
}

/** Other keys that have old rows with the values which the record `former` has in a unique key. */
export function enqueueContenders(t: TargetMapping, rule: UniqueRule, former: Sql, own: readonly Sql[]): Sql {
  const values = rule.columns.map((column) => sql`${former}.${ident(column)}`)
  return enqueueHolders(t, rule, values, own)
}

/** Keys, but for this one, that have old rows with these values in a unique key. */
export function enqueueHolders(
  t: TargetMapping,
  rule: UniqueRule,
  values: readonly Sql[],
  own: readonly Sql[] | null,
): Sql {
  const names = t.key.map((_, i) => ident(`crossfade_key_${i + 1}`))
  const other = names.map((name) => sql`c.${name}`)
  // Neither is true of a row without a key.
  const which = own === null ? keyEquals(t, other, other) : sql`NOT (${keyEquals(t, other, own)})`
  return sql`INSERT INTO crossfade.outbox (target, key) SELECT DISTINCT ${literal(t.name)}, ${keyText(t, other)} FROM (${contenders(t, rule, values)}) AS c (${join(names)}) WHERE ${which};`
}
