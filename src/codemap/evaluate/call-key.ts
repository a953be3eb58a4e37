import type { FunctionIr } from '../ir.ts'
import { atomsOf, UNDEFINED, type Value } from '../value.ts'
import { isLibrary } from './evaluation.ts'
import { argumentKey } from './identity.ts'
import type { Relevance } from './relevance.ts'

/** Empty where no argument that matters says more than the types do; a default that applies says more. */
export function keyOf(args: readonly Value[], parameters: FunctionIr['parameters'], relevance: Relevance): string {
  const rest = parameters.at(-1)?.rest ? parameters.length - 1 : Number.POSITIVE_INFINITY
  const keys = args.map((arg, at) => relevantKey(arg, relevance.get(Math.min(at, rest))))
  const missing = parameters.some((one, at) => one.default !== undefined && at >= args.length && relevance.has(at))
  return missing || keys.some((key) => key !== '') ? `${args.length}:${keys.join(',')}` : ''
}

function relevantKey(arg: Value, relevant: 'all' | ReadonlySet<string> | undefined): string {
  // What is done with something of a library may be told by its methods alone.
  if (relevant === undefined) return isLibrary(arg) ? argumentKey(arg) : ''
  if (relevant === 'all') return argumentKey(arg)
  return atomsOf(arg)
    .map((atom) => {
      if (atom.kind !== 'object') return argumentKey(atom)
      const keys = [...relevant].map((name) => argumentKey(atom.get(name) ?? UNDEFINED))
      return keys.some((key) => key !== '') ? `{${keys.join(',')}}` : ''
    })
    .join('/')
}
