import { itemsOf, memberValue, textOf } from '../../read-value.ts'
import { union, type Value } from '../../value.ts'
import { decoratorsOf, type Facts } from './facts.ts'
import type { Query } from './query.ts'
import { readOptions } from './selection.ts'

/** Adds what scopes say to a query; gives the attributes that they name. `names` is null for the default scope. */
export function applyScopes(query: Query, names: readonly Value[] | null): Value | undefined {
  const all = scopeOptions(query, names)
  for (const options of all) readOptions(query, options, false)
  const attributes = all.flatMap((options) => memberValue(options, 'attributes') ?? [])
  return attributes.length > 0 ? union(attributes) : undefined
}

function scopeOptions(query: Query, names: readonly Value[] | null): Value[] {
  const { facts, site } = query
  if (names === null) {
    const options = defaultScope(facts)
    return options ? [called(query, options, [])] : []
  }
  return names
    .flatMap((name) => itemsOf(name).items)
    .flatMap((item): Value[] => {
      const method = memberValue(item, 'method')
      const [first, ...args] = method ? itemsOf(method).items : [item]
      const name = textOf(first)
      if (name === null) return first?.kind === 'literal' ? [] : [item]
      if (name === 'defaultScope') return scopeOptions(query, null)
      const scope = namedScope(query, name)
      if (!scope) {
        site.unresolved(null, `the scope "${name}" is not known`)
        return []
      }
      return [called(query, scope, args)]
    })
}

function called({ site }: Query, scope: Value, args: readonly Value[]): Value {
  return scope.kind === 'function' ? site.call(scope, args) : scope
}

function defaultScope({ model }: Facts): Value | undefined {
  const decorated = decoratorsOf(model.of).find(({ name }) => name === 'DefaultScope')
  return (
    model.scopes.get('defaultScope') ??
    model.definitions.flatMap(({ options }) => memberValue(options ?? undefined, 'defaultScope') ?? [])[0] ??
    decorated?.args[0]
  )
}

function namedScope(query: Query, name: string): Value | undefined {
  const { model } = query.facts
  const listed = model.definitions.flatMap(({ options }) => memberValue(options ?? undefined, 'scopes') ?? [])
  const decorated = decoratorsOf(model.of)
    .filter((one) => one.name === 'Scopes')
    .flatMap(({ args }) => (args[0] ? [called(query, args[0], [])] : []))
  const [scope] = [...listed, ...decorated].flatMap((scopes) => memberValue(scopes, name) ?? [])
  return model.scopes.get(name) ?? scope
}
