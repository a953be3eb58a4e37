import { walkCondition, walkExpression } from '../sql/expression.ts'
import { type FilledText, fillHoles, holeOfParameter } from '../sql/fill-holes.ts'
import { walkFrom } from '../sql/from-items.ts'
import { forgetColumns, type Scope } from '../sql/scope.ts'
import { type SqlText, words } from '../sql/sql-text.ts'
import type { Parameter, Role, Touch, Walk } from '../sql/touch.ts'

/** What SQL inside of a query names: columns of the tables around are noted, tables of its own queries come back. */
export function readSql(sql: SqlText, role: Role, scope: Scope, walk: Walk): readonly Touch[] {
  const prefix = role === 'ordered' ? 'select 1 order by ' : 'select '
  const filled = fillHoles([words(prefix), ...sql])
  const node = 'message' in filled.parsed ? undefined : filled.parsed.statements[0]?.node
  if (!node || !('SelectStmt' in node)) {
    forgetColumns(scope)
    return []
  }
  const inside = within(walk, filled)
  const { targetList = [], sortClause = [], fromClause = [] } = node.SelectStmt
  for (const item of fromClause) walkFrom(item, scope, inside)
  if (role === 'ordered') walkExpression(sortClause, scope, 'ordered', inside)
  else
    for (const target of targetList) {
      const value = 'ResTarget' in target ? target.ResTarget.val : undefined
      if (role === 'filtered') walkCondition(value, scope, inside)
      else walkExpression(value, scope, role, inside)
    }
  return inside.touches
}

/** `left join posts on …` as text: what it joins becomes a source of the scope. */
export function readJoin(join: SqlText, scope: Scope, walk: Walk): readonly Touch[] {
  const filled = fillHoles([words('select from joined '), ...join])
  const node = 'message' in filled.parsed ? undefined : filled.parsed.statements[0]?.node
  if (!node || !('SelectStmt' in node)) {
    forgetColumns(scope)
    return []
  }
  const inside = within(walk, filled)
  for (const item of node.SelectStmt.fromClause ?? []) walkFrom(item, scope, inside)
  return inside.touches.filter((touch) => touch.table !== 'joined')
}

function within(walk: Walk, { pieces, parsed }: FilledText): Walk {
  const parameter = (number: number): Parameter => {
    const part = pieces[holeOfParameter(number) ?? -1]?.part
    if (part?.kind === 'parameter') return { literals: part.literals, isFragment: false }
    return { literals: [], isFragment: part?.kind === 'unknown' }
  }
  const indexOf = 'message' in parsed ? walk.indexOf : parsed.indexOf
  return { ...walk, touches: [], parameter, indexOf }
}
