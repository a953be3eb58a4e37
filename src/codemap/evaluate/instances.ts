import type { Value } from '../value.ts'
import { keyOf } from './call-key.ts'
import { baseClass, type ProjectClass, type ProjectInstance } from './classes.ts'
import { argumentKey, holdsText } from './identity.ts'
import { libraryBase } from './members.ts'
import { relevanceOf } from './relevance.ts'

/** How many methods of one class are run, over all its instances. */
const MAX_METHODS = 1500
/** The same for a class that is handed a text: `new Repository(db, 'posts')` for each table. */
const MAX_NAMED_METHODS = 4_000
/** A class with more methods than this does not stand for one table; the more it has, the fewer are told apart. */
const MANY_METHODS = 15
const FEW_INSTANCES = 4

/** So many instances of a class are told apart; all others are any. */
function mostInstances({ ir, budget }: ProjectClass, key: string): number {
  if (budget.runs > budget.most) return 2
  const methods = Math.max(1, ir.members.filter((one) => one.function !== undefined).length)
  const most = (holdsText(key) ? MAX_NAMED_METHODS : MAX_METHODS) / methods
  return Math.max(FEW_INSTANCES, Math.floor(most * Math.min(1, MANY_METHODS / methods)))
}

/** The instance that `new` makes with these arguments; null: any instance. */
export function instanceOf(of: ProjectClass, args: readonly Value[] | null): ProjectInstance {
  const key = args === null ? '' : instanceKey(of, args)
  const known = of.instances.get(key)
  if (known) {
    if (args !== null) known.confirmed = true
    return known
  }
  if (key !== '' && of.instances.size >= mostInstances(of, key)) {
    const any = instanceOf(of, null)
    any.confirmed = true
    return any
  }
  const made: ProjectInstance = {
    kind: 'instance',
    of,
    args: key === '' ? null : args,
    confirmed: args !== null,
    members: new Map(),
    // Any instance stands for those that nobody makes in the code: a container may.
    doubt: () => (key === '' && !made.confirmed && (of.instances.size > 1 || of.ir.abstract) ? 1 : 0),
  }
  of.instances.set(key, made)
  return made
}

/** One that is made with arguments; undefined where none was yet. */
export function someInstance({ instances }: ProjectClass): ProjectInstance | undefined {
  for (const one of instances.values()) if (one.args !== null) return one
  return undefined
}

/** By what an instance is told from others: the arguments of which something is asked that matters. */
export function instanceKey(of: ProjectClass, args: readonly Value[]): string {
  const made = constructorOf(of)
  if (made) {
    const { ir } = made.of.frame.module
    return keyOf(args, ir.functions[made.fn]?.parameters ?? [], relevanceOf(ir, made.fn, of.touching))
  }
  const keys = args.map((arg) => argumentKey(arg)).join(',')
  return /^,*$/.test(keys) ? '' : keys
}

/** The constructor that `new` calls, if it is one of the program's; a library's is handed all arguments. */
function constructorOf(of: ProjectClass): { readonly of: ProjectClass; readonly fn: number } | null {
  if (libraryBase(of)) return null
  const fn = of.ir.members.find((one) => one.k === 'constructor' && one.function !== undefined)?.function
  if (fn !== undefined) return { of, fn }
  const base = baseClass(of)
  return base && base !== of ? constructorOf(base) : null
}
