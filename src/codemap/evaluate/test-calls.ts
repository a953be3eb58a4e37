import { isTestFile } from '../file-role.ts'
import type { ClassIr, FunctionIr } from '../ir.ts'
import { atomsOf, union, unknown, type Value } from '../value.ts'
import type { Evaluation } from './evaluation.ts'
import { holdsText } from './identity.ts'

const SETTINGS = unknown('it is an object that a test hands in')

/** How many names that tests hand in are told apart. */
const MAX_NAMES = 20

/**
 * How many calls of what the program itself uses are told apart, for a call that a test makes: tests hand in one name
 * after the other, which matter only where they are statements.
 */
export function mostByTests(
  { used }: Evaluation,
  callee: FunctionIr,
  [from, to]: readonly [from: string, to: string],
  args: readonly Value[],
): number {
  const isTold = !isTestFile(from) || isTestFile(to) || !used.has(callee) || args.some(holdsStatement)
  return isTold ? Number.POSITIVE_INFINITY : MAX_NAMES
}

/**
 * Whether a call that a test makes of what the program itself uses says no more than the program's own: it hands in
 * neither a text, nor a function that is to be run with something.
 */
export function saysNoMore(
  { used }: Evaluation,
  callee: FunctionIr | ClassIr,
  [from, to]: readonly [from: string, to: string],
  key: string,
  args: readonly Value[],
): boolean {
  if (!isTestFile(from) || isTestFile(to) || !used.has(callee) || holdsText(key)) return false
  return !args.some((arg) => atomsOf(arg).some((atom) => atom.kind === 'function' || atom.kind === 'array'))
}

/** More than one word. */
function holdsStatement(value: Value): boolean {
  return atomsOf(value).some((atom) => {
    if (atom.kind === 'text') return /\s/.test(atom.text)
    if (atom.kind === 'template') return atom.parts.some((part) => /\s/.test(part)) || atom.holes.some(holdsStatement)
    return atom.kind === 'array' && atom.items.some(holdsStatement)
  })
}

/**
 * The arguments by which a call is told from others of the same. Tests try all settings of a program; of what the program
 * itself uses, too, the settings that only a test has are of no interest, and the texts that it hands in (statements,
 * names) are. The program is walked before its tests.
 */
export function toldApart(
  { used }: Evaluation,
  callee: FunctionIr | ClassIr,
  [from, to]: readonly [from: string, to: string],
  args: readonly Value[],
): readonly Value[] {
  if (!isTestFile(from)) {
    used.add(callee)
    return args
  }
  return isTestFile(to) || !used.has(callee) ? args : args.map(withoutSettings)
}

function withoutSettings(arg: Value): Value {
  const atoms = atomsOf(arg)
  if (!atoms.some((atom) => atom.kind === 'object')) return arg
  return union(atoms.map((atom) => (atom.kind === 'object' ? SETTINGS : atom)))
}
