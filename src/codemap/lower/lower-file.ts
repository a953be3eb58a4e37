import type { Program } from 'oxc-parser'
import type { FileIr, FunctionIr, Position } from '../ir.ts'
import type { Lowering, Scope } from './scope.ts'
import { lowerStatements } from './statements.ts'

/**
 * The intermediate form of one parsed file. `position` gives line and column of an offset. Throws nothing: what has no
 * part in the flow of values is left out.
 */
export function lowerFile(program: Program, position: (offset: number) => Position): FileIr {
  const module: FunctionIr = {
    name: null,
    own: true,
    at: position(0),
    end: position(program.end),
    parent: -1,
    parameters: [],
    body: [],
    calls: [],
    returns: [],
    arrow: false,
    class: null,
  }
  const ir: FileIr = {
    slots: [],
    functions: [module],
    classes: [],
    shared: [],
    exports: [],
    wholeExports: [],
    globals: [],
    aliases: [],
    requests: [],
  }
  const scope: Scope = { parent: null, owner: 0, values: new Map(), types: new Map() }
  const lowering: Lowering = { ir, scope, within: 0, class: null, position }
  lowerStatements(lowering, program.body)
  return ir
}
