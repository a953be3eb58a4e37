import type { LibraryModel, Site } from '../style.ts'
import { array, atomsOf, library, type ObjectValue, text, union, unknown, type Value } from '../value.ts'

type Js = { readonly is: 'global'; readonly name: string } | { readonly is: 'function'; readonly name: string }

/** What the language itself does with values that are handed to it. */
export function createJavascriptModel(assigned: (name: string) => Value[]): LibraryModel {
  return {
    name: 'javascript',
    imported: () => undefined,
    member(receiver, name) {
      const of = receiver.of as Js
      if (of.is !== 'global') return undefined
      if (GLOBAL.has(of.name)) {
        const values = assigned(name)
        if (values.length > 0) return union(values)
        return library('javascript', { is: 'global', name })
      }
      const whole = `${of.name}.${name}`
      return WHOLE.has(whole) ? library('javascript', { is: 'function', name: whole }) : unknown(`it is ${whole}`)
    },
    call(receiver, method, args, site) {
      const of = receiver.of as Js
      return method === null ? callFunction(of.name, args, site) : undefined
    },
    construct(receiver, args, site) {
      const { name } = receiver.of as Js
      const [first] = args
      if ((name === 'Set' || name === 'Array') && first?.kind === 'array') return first
      if (name === 'Promise' && first) return promised(first, site)
      return unknown(`it is a ${name}`)
    },
    tagMethod: () => undefined,
  }
}

const GLOBAL = new Set(['globalThis', 'global', 'window', 'self'])
const WHOLE = new Set([
  'Object.keys',
  'Object.values',
  'Object.entries',
  'Object.freeze',
  'Object.assign',
  'Object.seal',
  'Array.from',
  'Array.of',
  'Promise.all',
  'Promise.allSettled',
  'Promise.race',
  'Promise.any',
  'Promise.resolve',
])

function callFunction(name: string, args: readonly Value[], site: Site): Value {
  const [first = unknown('nothing is handed in'), second] = args
  switch (name) {
    case 'Object.freeze':
    case 'Object.seal':
    case 'Promise.all':
    case 'Promise.allSettled':
    case 'Promise.resolve':
    case 'structuredClone':
      return first
    case 'Promise.race':
    case 'Promise.any':
      return first.kind === 'array' ? union(first.items) : unknown('it is one of many')
    case 'Object.assign':
      return args.at(-1) ?? first
    case 'Object.keys':
      return overObject(first, (object) => object.names().map((one) => text(one)))
    case 'Object.values':
      return overObject(first, (object) => object.names().flatMap((one) => object.get(one) ?? []))
    case 'Object.entries':
      return overObject(first, (object) =>
        object.names().map((one) => array([text(one), object.get(one) ?? unknown('it is a member')])),
      )
    case 'Array.of':
      return array(args)
    case 'Array.from': {
      if (first.kind !== 'array') return unknown('it is a list')
      return second
        ? array(
            first.items.map((item) => site.call(second, [item])),
            first.complete,
          )
        : first
    }
    case 'String':
      return first
    default:
      return unknown(`${name} gives it`)
  }
}

function overObject(value: Value, items: (object: ObjectValue) => readonly Value[]): Value {
  return union(
    atomsOf(value).map((atom) =>
      atom.kind === 'object' ? array(items(atom), atom.complete) : unknown('it is a list of members'),
    ),
  )
}

/** `new Promise((resolve) => …)`: what the function resolves with isn't followed, what it does is. */
function promised(executor: Value, site: Site): Value {
  site.call(executor, [unknown('it is resolve'), unknown('it is reject')])
  return unknown('it is a promise')
}
