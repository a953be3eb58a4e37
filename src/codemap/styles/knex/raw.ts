import { oneOf, pathText, rawText, valueText } from '../../builders/raw-text.ts'
import { literalsOf, membersOf } from '../../read-value.ts'
import { listText, parameter, type SqlPart, type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import { atomsOf, type Value } from '../../value.ts'
import { knexOf } from './values.ts'

/** `raw('… ?? … ?', [name, value])`, `raw('… :name: … :value', { name, value })`, with names and values in their places. */
export function rawSql(sql: Value | undefined, bindings: Value | undefined): SqlText {
  const named = new Map(membersOf(bindings).members)
  const isNamed = bindings !== undefined && atomsOf(bindings).some((atom) => atom.kind === 'object')
  return bind(rawText(sql, builtText), isNamed ? named : null, bindings)
}

/** SQL that another call of `raw` has made. */
function builtText(value: Value): SqlText | undefined {
  const of = knexOf(value)
  if (of?.is !== 'raw') return undefined
  of.use.isPart = true
  return of.text
}

function bind(text: SqlText, named: ReadonlyMap<string, Value> | null, bindings: Value | undefined): SqlText {
  let next = 0
  const list = bindings === undefined ? undefined : listOf(bindings)
  const bindWords = (part: SqlPart): SqlText => {
    if (part.kind === 'choice') return [{ ...part, of: part.of.map((one) => bind(one, named, bindings)) }]
    if (part.kind !== 'words' || bindings === undefined) return [part]
    const pieces = part.text.split(named ? /(?<!:)(:\w+:?)/ : /(\\\?|\?\??)/)
    return pieces.flatMap((piece, at): SqlText => {
      if (at % 2 === 0) return [{ ...part, text: piece }]
      if (piece === '\\?') return [words('?')]
      if (!named) return placed(list?.[next++], piece === '??')
      const isName = piece.endsWith(':')
      const value = named.get(piece.slice(1, isName ? -1 : undefined))
      return value ? placed(value, isName) : [{ ...part, text: piece }]
    })
  }
  return text.flatMap(bindWords)
}

/** A list of bindings of which not all are told gives nothing where it ends. */
function listOf(bindings: Value): readonly Value[] {
  const [list] = atomsOf(bindings).filter((atom) => atom.kind === 'array')
  return list ? list.items : [bindings]
}

function placed(value: Value | undefined, isName: boolean): SqlText {
  if (value === undefined)
    return isName ? [{ kind: 'unknown', reason: 'its bindings are not known', name: true }] : [parameter()]
  const choices = atomsOf(value).map((atom): SqlText => {
    const of = knexOf(atom)
    if (of?.is === 'raw') return of.text
    if (of?.is === 'ref') return pathText(of.name)
    // A builder tells itself what it touches.
    if (of?.is === 'builder') return [words('(select null)')]
    if (atom.kind === 'array' && isName) return listText(atom.items.map((item) => pathText(item)))
    if (isName) return pathText(atom)
    return atom.kind === 'unknown' ? [parameter(literalsOf(atom))] : valueText(atom)
  })
  return choices.length > 0 ? oneOf(choices) : [unknownText('its bindings are not known')]
}
