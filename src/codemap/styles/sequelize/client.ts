import { placeKey } from '../../access-book.ts'
import { rawText } from '../../builders/raw-text.ts'
import { literalsOf, membersOf, memberValue, textOf, textsOf } from '../../read-value.ts'
import { parameter, type SqlPart, type SqlText, words } from '../../sql/sql-text.ts'
import type { Site } from '../../style.ts'
import { atomsOf, object, type Value } from '../../value.ts'
import { openSql } from '../open-sql.ts'
import { definedModel, modelOfClass, refOf, type SequelizeRun } from './models.ts'
import { makeTerm } from './terms.ts'
import { allOf, type ClientOf, sequelize } from './values.ts'

const OTHER_DIALECTS =
  /^(mysql|mariadb|sqlite3?|mssql|db2|snowflake|oracle|ibmi)|(MySql|MariaDb|Sqlite3?|MsSql|Db2|Snowflake|Ibmi|Oracle)Dialect$/i

/** `new Sequelize(url, options)`, `new Sequelize(database, user, password, options)`, `new Sequelize(options)`. */
export function makeClient(run: SequelizeRun, args: readonly Value[], site: Site): Value {
  const options = args.findLast((arg) => atomsOf(arg).some((atom) => atom.kind === 'object')) ?? null
  const urls = [...textsOf(args[0]).texts, ...textsOf(memberValue(options ?? undefined, 'url')).texts]
  const named = membersOf(options ?? undefined).members.filter(([name]) => name === 'dialect')
  const dialects = [...named.flatMap(([, value]) => dialectsIn(value)), ...urls.flatMap(dialectOfUrl)]
  const { file } = site.place
  const postgres =
    dialects.length === 0
      ? run.mayReach(file)
      : dialects.some((dialect) => dialect === null || !OTHER_DIALECTS.test(dialect))
  const client: ClientOf = { is: 'client', file, postgres, options }
  run.clients.set(placeKey(site.place), client)
  return sequelize(client)
}

/** Null where it isn't known. */
function dialectsIn(value: Value): (string | null)[] {
  return atomsOf(value).map((atom) => {
    const [known] = allOf(atom, 'export')
    return known ? known.name : textOf(atom)
  })
}

function dialectOfUrl(url: string): string[] {
  const match = /^([a-z0-9]+):/i.exec(url)
  return match?.[1] ? [match[1]] : []
}

/** Calls of a client: `define`, `query`, `transaction`, … */
export function callClient(
  run: SequelizeRun,
  client: ClientOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first, second, third] = args
  switch (method) {
    case 'define': {
      const model = definedModel(run, site, textOf(first))
      // The same call may be seen with and without what its caller hands in.
      const others = model.definitions.filter(({ attributes }) => attributes !== second)
      model.definitions.splice(0, model.definitions.length, ...others, {
        attributes: second ?? object({}),
        options: third ?? null,
        client,
      })
      return sequelize({ is: 'model', ref: refOf(model) })
    }
    case 'model': {
      const name = textOf(first)
      return name === null ? undefined : sequelize({ is: 'model', ref: { by: 'name', name, file: site.place.file } })
    }
    case 'addModels':
      for (const atom of (first ? atomsOf(first) : []).flatMap((one) => (one.kind === 'array' ? one.items : [one])))
        if (atom.kind === 'class')
          modelOfClass(run, atom).definitions.push({ attributes: object({}), options: null, client })
      return undefined
    case 'query':
    case 'queryRaw':
      if (first && client.postgres) runSql(first, second, site)
      return undefined
    case 'transaction':
    case 'startUnmanagedTransaction': {
      const transaction = sequelize({ is: 'transaction', place: placeKey(site.place) })
      const callback = [first, second].find((arg) => arg?.kind === 'function')
      return callback ? site.call(callback, [transaction]) : transaction
    }
    case 'getQueryInterface':
      return sequelize({ is: 'query interface', client })
    default:
      return makeTerm(method, args)
  }
}

/** `query('… :name … $1', { replacements, bind, transaction })`, `query(sql`…`)`. */
export function runSql(sql: Value, options: Value | undefined, site: Site): void {
  const [built] = allOf(sql, 'sql')
  const whole = sql.kind === 'object' ? (memberValue(sql, 'query') ?? sql) : sql
  const binds = memberValue(options, 'bind') !== undefined || literalsOf(memberValue(options, 'bind')).length > 0
  const text = built ? built.text : binds ? withBinds(rawText(whole)) : rawText(whole)
  const [transaction] = allOf(memberValue(options, 'transaction'), 'transaction')
  openSql(site, text, { transaction: transaction?.place ?? null })
}

/** `$name` is a value, too. */
function withBinds(text: SqlText): SqlText {
  return text.flatMap((part): SqlPart[] => {
    if (part.kind === 'choice') return [{ ...part, of: part.of.map(withBinds) }]
    if (part.kind !== 'words') return [part]
    return part.text
      .split(/(\$[A-Za-z_]\w*(?!\$|\w))/)
      .map((piece, at) => (at % 2 === 0 ? { ...part, text: piece } : parameter()))
  })
}

/** What stands in sql`…` for a value. */
export function sqlOfTemplate(parts: readonly string[], holes: readonly Value[]): SqlText {
  return parts.flatMap((part, at): SqlText => {
    const hole = holes[at]
    if (hole === undefined) return [words(part)]
    const [built] = allOf(hole, 'sql')
    const [term] = allOf(hole, 'term')
    const inner = built?.text ?? term?.literals[0]
    return [words(part), ...(inner ?? [parameter(literalsOf(hole))])]
  })
}
