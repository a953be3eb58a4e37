import type { LibraryModel } from '../style.ts'
import { atomsOf, library, type TemplateValue, type TextValue, union, unknown, type Value } from '../value.ts'

type Node = { readonly is: 'module' } | { readonly is: 'function'; readonly name: string }

const FUNCTIONS = new Set(['join', 'resolve', 'normalize', 'dirname', 'fileURLToPath'])

/** What Node does with paths, as far as it tells which files a program loads. Paths count from the root of the project. */
export function createNodeModel(): LibraryModel {
  return {
    name: 'node',
    imported({ specifier }, name) {
      if (!/^(node:)?(path|url)(\/posix)?$/.test(specifier)) return undefined
      if (name === 'default' || name === 'posix') return library<Node>('node', { is: 'module' })
      return FUNCTIONS.has(name) ? library<Node>('node', { is: 'function', name }) : undefined
    },
    member: (receiver, name) =>
      (receiver.of as Node).is === 'module' && FUNCTIONS.has(name)
        ? library<Node>('node', { is: 'function', name })
        : undefined,
    call(receiver, method, args) {
      const of = receiver.of as Node
      return of.is === 'function' && method === null ? callFunction(of.name, args) : undefined
    },
  }
}

function callFunction(name: string, args: readonly Value[]): Value {
  const [first = unknown('nothing is handed in')] = args
  if (name === 'fileURLToPath' || name === 'normalize') return first
  if (name !== 'dirname') return args.slice(1).reduce(join, first)
  return union(
    atomsOf(first).map((atom): Value => {
      if (atom.kind !== 'text') return unknown('it is a folder')
      const at = atom.text.lastIndexOf('/')
      return { ...atom, text: at === -1 ? '.' : atom.text.slice(0, at) }
    }),
  )
}

function join(before: Value, next: Value): Value {
  return union(
    atomsOf(before).flatMap((left) =>
      atomsOf(next).map((right): Value => {
        const [a, b] = [pieces(left), pieces(right)]
        const parts = [...a.parts.slice(0, -1), `${a.parts.at(-1)}/${b.parts[0]}`, ...b.parts.slice(1)]
        const holes = [...a.holes, ...b.holes]
        const via = [...a.via]
        return holes.length === 0
          ? { kind: 'text', text: shortened(parts.join('')), via }
          : { kind: 'template', parts, holes, via }
      }),
    ),
  )
}

function pieces(value: Value): Pick<TemplateValue, 'parts' | 'holes' | 'via'> {
  if (value.kind === 'text') return { parts: [value.text], holes: [], via: value.via }
  return value.kind === 'template' ? value : { parts: ['', ''], holes: [value], via: [] }
}

/** Without `.` and `..` in it. */
function shortened(path: TextValue['text']): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
