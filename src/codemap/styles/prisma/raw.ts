import type { Access } from '../../access.ts'
import { literalsOf } from '../../read-value.ts'
import { parameter, type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import type { Site } from '../../style.ts'
import { array, atomsOf, type Value } from '../../value.ts'
import { openSql } from '../open-sql.ts'
import { sqlOfValue } from '../sql/text-of-value.ts'
import { type PrismaClientOf, type PrismaTextOf, prismaOf } from './values.ts'

/** Opens what `$queryRaw`, `$executeRaw`, their unsafe kin and `$queryRawTyped` run. */
export function readRaw(
  client: PrismaClientOf,
  method: string,
  [statement, ...rest]: readonly Value[],
  site: Site,
): readonly Access[] {
  if (statement === undefined) return []
  const sql = method.endsWith('Unsafe') ? sqlOfValue(statement) : textOf(statement)
  const catalog = client.schema?.catalog
  const parameters = method.endsWith('Unsafe') ? array(rest) : null
  return openSql(site, sql, { transaction: client.transaction, parameters, ...(catalog ? { catalog } : {}) })
}

/** A statement or a part of one: `Prisma.sql`, `Prisma.join`, a query of TypedSQL; anything else is a value. */
function textOf(value: Value): SqlText {
  return choice(
    atomsOf(value).map((atom): SqlText => {
      const of = prismaOf(atom)
      if (of?.is === 'text') return templateText(of)
      if (of?.is === 'typed query') return [words(of.text)]
      if (atom.kind === 'unknown') return [unknownText(atom.reason)]
      return [parameter(literalsOf(atom))]
    }),
  )
}

function templateText({ parts, holes, raw }: PrismaTextOf): SqlText {
  return parts.flatMap((part, at) => {
    const hole = holes[at]
    return hole === undefined ? [words(part)] : [words(part), ...(raw ? sqlOfValue(hole) : textOf(hole))]
  })
}

function choice(texts: readonly SqlText[]): SqlText {
  const [only] = texts
  return texts.length === 1 && only !== undefined ? only : [{ kind: 'choice', of: texts }]
}
