import type { LibraryModel, Site } from '../style.ts'
import { array, atomsOf, library, object, union, unknown, type Value } from '../value.ts'

type React =
  | { readonly is: 'module' }
  | { readonly is: 'function'; readonly name: string }
  | { readonly is: 'context'; readonly context: Context }
  | { readonly is: 'provider'; readonly context: Context }

/** What a context may give: its default, what its type says, and what providers are handed. */
interface Context {
  readonly values: Value[]
  readonly typed: Value | null
}

const HOOKS = new Set(
  'createContext useContext use useMemo useCallback useRef useState memo forwardRef cache lazy'.split(' '),
)

/** By its kind: each walk of the program makes the same values anew. */
function addGiven({ values }: Context, value: Value): boolean {
  const isNew =
    value.kind !== 'unknown' && shapeOf(value) !== '' && !values.some((one) => shapeOf(one) === shapeOf(value))
  values.push(value)
  return isNew
}

function shapeOf(value: Value): string {
  return atomsOf(value)
    .map((atom) =>
      atom.kind === 'object' ? `{${atom.names().join(',')}}` : atom.kind === 'library' ? atom.style : atom.kind,
    )
    .join('|')
}

/** The parts of React that hand values on. */
export function createReactModel(): LibraryModel {
  const contexts = new Map<string, Context>()
  const read = new Set<Context>()
  let late = false
  const value = (of: React): Value => library<React>('react', of)
  const functions = Object.fromEntries([...HOOKS].map((name) => [name, value({ is: 'function', name })]))

  function callFunction(name: string, args: readonly Value[], site: Site): Value {
    const [first = unknown('nothing is handed in')] = args
    switch (name) {
      case 'createContext': {
        const key = `${site.place.file}:${site.place.line}:${site.place.column}`
        const context = contexts.get(key) ?? { values: [first], typed: site.typeArguments()[0] ?? null }
        contexts.set(key, context)
        return value({ is: 'context', context })
      }
      case 'useContext':
      case 'use':
        return union(atomsOf(first).map((atom) => givenBy(atom)))
      case 'useMemo':
        return site.call(first, [])
      case 'useState': {
        const state = atomsOf(first).some((atom) => atom.kind === 'function') ? site.call(first, []) : first
        return array([state, unknown('it sets a state')])
      }
      case 'useRef':
        return object({ current: first })
      default:
        return first
    }
  }

  function givenBy(atom: Value): Value {
    if (atom.kind !== 'library' || atom.style !== 'react') return atom
    const of = atom.of as React
    if (of.is !== 'context') return atom
    read.add(of.context)
    const told = of.context.values.flatMap(atomsOf).filter((one) => one.kind !== 'literal' && one.kind !== 'unknown')
    return told.length > 0 ? union(told) : (of.context.typed ?? unknown('no provider gives the context a value'))
  }

  return {
    name: 'react',
    settle() {
      const again = late
      late = false
      read.clear()
      return !again
    },
    imported({ specifier }, name) {
      if (specifier !== 'react' && specifier !== 'preact/hooks' && specifier !== 'preact') return undefined
      return name === 'default' ? object(functions) : functions[name]
    },
    member(receiver, name) {
      const of = receiver.of as React
      return of.is === 'context' && name === 'Provider' ? value({ is: 'provider', context: of.context }) : undefined
    },
    call(receiver, method, args, site) {
      const of = receiver.of as React
      if (of.is === 'function' && method === null) return callFunction(of.name, args, site)
      // <Context.Provider value={…}>, and <Context value={…}> since React 19.
      if ((of.is === 'provider' || of.is === 'context') && method === null) {
        const given = args.flatMap(atomsOf).flatMap((atom) => (atom.kind === 'object' ? (atom.get('value') ?? []) : []))
        for (const one of given) if (addGiven(of.context, one) && read.has(of.context)) late = true
        return unknown('it is an element')
      }
      return undefined
    },
  }
}
