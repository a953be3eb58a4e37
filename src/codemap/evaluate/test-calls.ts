import { isTestFile } from '../file-role.ts'
import type { ClassIr, FunctionIr } from '../ir.ts'
import { atomsOf, union, unknown, type Value } from '../value.ts'
import type { Evaluation } from './evaluation.ts'

const SETTINGS = unknown('it is an object that a test hands in')

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
