import { literalText, oneOf, pathText, rawText, valueText } from '../../builders/raw-text.ts'
import { itemsOf } from '../../read-value.ts'
import { type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import type { Site, Template } from '../../style.ts'
import { atomsOf, type Value } from '../../value.ts'
import { kysely, kyselyOf } from './values.ts'

/** sql`… ${sql.ref('posts.id')} …`: the text, with names where names stand and `$n` for values. */
export function rawOf({ parts, holes }: Template, site: Site): Value {
  const text = parts.flatMap((part, at) => {
    const hole = holes[at]
    return hole === undefined ? [words(part)] : [words(part), ...textOf(hole)]
  })
  return kysely({ is: 'raw', text, site })
}

/** What stands in the text for a value: of an expression its own text, a value as `$n`. */
function textOf(value: Value): SqlText {
  return oneOf(
    atomsOf(value).map((atom): SqlText => {
      const of = kyselyOf(atom)
      if (of?.is === 'raw') return of.text
      if (of?.is === 'aliased') return textOf(kysely(of.of))
      if (of?.is === 'table' || of?.is === 'ref') return pathText(of.name)
      if (of?.is === 'expression' && of.terms.length === 1) {
        const [term] = of.terms
        if (term?.is === 'column') return pathText({ kind: 'text', text: term.path.join('.'), via: [] })
        if (term?.is === 'sql') return term.text
      }
      // What else Kysely builds tells itself what it touches.
      return of ? [words('null')] : valueText(atom)
    }),
  )
}

/** `sql.ref('a.b')`, `sql.table('posts')`, `sql.id('posts', 'id')`, `sql.raw(text)`, `sql.join(list, separator)`. */
export function callSqlTag(method: string, args: readonly Value[], site: Site): Value | undefined {
  const [first, second] = args
  switch (method) {
    case 'ref':
      return kysely({ is: 'raw', text: pathText(first), site })
    case 'table':
      return first && kysely({ is: 'table', name: first })
    case 'id': {
      const text = args.flatMap((one, at) => [...(at === 0 ? [] : [words('.')]), ...pathText(one)])
      return kysely({ is: 'raw', text, site })
    }
    case 'raw':
      return kysely({ is: 'raw', text: rawText(first), site })
    case 'val':
    case 'value':
      return kysely({ is: 'raw', text: valueText(first), site })
    case 'lit':
    case 'literal':
      return kysely({ is: 'raw', text: literalText(first), site })
    case 'join': {
      const { items, complete } = itemsOf(first)
      const between = second ? textOf(second) : [words(', ')]
      const text = items.flatMap((item, at) => (at === 0 ? textOf(item) : [...between, ...textOf(item)]))
      const rest = complete ? [] : [unknownText('it is a list of unknown length')]
      return kysely({ is: 'raw', text: items.length === 0 ? rest : text, site })
    }
    default:
      return undefined
  }
}
