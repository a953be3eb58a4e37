import type {
  BindingPattern,
  Declaration,
  Directive,
  Expression,
  ForStatementLeft,
  Statement,
  VariableDeclaration,
} from 'oxc-parser'
import type { Expr } from '../ir.ts'
import { lowerClass } from './classes.ts'
import { lowerExpression } from './expressions.ts'
import { lowerFunctionInto } from './functions.ts'
import { boundNames, hoist, hoistVars } from './hoist.ts'
import { lowerModuleStatement } from './modules.ts'
import { assignPattern, bindPattern } from './patterns.ts'
import { currentFunction, declareBoth, declareValue, findValue, innerScope, type Lowering, share } from './scope.ts'
import { lowerAlias, lowerInterface } from './types.ts'

type Body = readonly (Statement | Directive)[]

/** The body of a module or of a function: `var` and functions are known in all of it. */
export function lowerStatements(lowering: Lowering, body: Body): void {
  hoistVars(lowering, body)
  lowerBlock(lowering, body)
}

/** Statements of one block, whose names are known in all of it. */
function lowerBlock(lowering: Lowering, body: Body): void {
  hoist(lowering, body)
  for (const statement of body) lowerStatement(lowering, statement)
}

function lowerStatement(lowering: Lowering, node: Statement | Directive): void {
  switch (node.type) {
    case 'ExpressionStatement':
      run(lowering, lowerExpression(lowering, node.expression))
      return
    case 'BlockStatement':
      lowerBlock(innerScope(lowering), node.body)
      return
    case 'IfStatement':
      run(lowering, lowerExpression(lowering, node.test))
      lowerStatement(lowering, node.consequent)
      if (node.alternate) lowerStatement(lowering, node.alternate)
      return
    case 'ReturnStatement':
      if (node.argument) returnValue(lowering, lowerExpression(lowering, node.argument))
      return
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      lowerLoop(innerScope(lowering), node)
      return
    case 'SwitchStatement': {
      run(lowering, lowerExpression(lowering, node.discriminant))
      const inner = innerScope(lowering)
      hoist(
        inner,
        node.cases.flatMap((one) => one.consequent),
      )
      for (const { test, consequent } of node.cases) {
        if (test) run(inner, lowerExpression(inner, test))
        for (const statement of consequent) lowerStatement(inner, statement)
      }
      return
    }
    case 'TryStatement': {
      lowerBlock(innerScope(lowering), node.block.body)
      if (node.handler) {
        const inner = innerScope(lowering)
        if (node.handler.param) {
          for (const name of boundNames(node.handler.param)) declareValue(inner.scope, inner.ir, name)
          bindPattern(inner, node.handler.param, { k: 'other', what: 'an error that was caught' })
        }
        lowerBlock(inner, node.handler.body.body)
      }
      if (node.finalizer) lowerBlock(innerScope(lowering), node.finalizer.body)
      return
    }
    case 'ThrowStatement':
      run(lowering, lowerExpression(lowering, node.argument))
      return
    case 'LabeledStatement':
    case 'WithStatement':
      lowerStatement(lowering, node.body)
      return
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportDefaultDeclaration':
    case 'ExportNamedDeclaration':
    case 'TSExportAssignment':
      lowerModuleStatement(lowering, node)
      return
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'DebuggerStatement':
    case 'EmptyStatement':
    case 'TSNamespaceExportDeclaration':
      return
    default:
      lowerDeclaration(lowering, node)
  }
}

type Loop = Extract<
  Statement,
  { type: 'ForStatement' | 'ForInStatement' | 'ForOfStatement' | 'WhileStatement' | 'DoWhileStatement' }
>

function lowerLoop(lowering: Lowering, node: Loop): void {
  if (isEndless(node)) currentFunction(lowering).endless = lowering.position(node.start)
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') {
    const values = share(lowering, lowerExpression(lowering, node.right))
    run(lowering, { k: 'shared', value: values })
    bindLoop(lowering, node.left, values, node.type === 'ForOfStatement' ? 'each' : 'key')
  } else if (node.type === 'ForStatement') {
    if (node.init?.type === 'VariableDeclaration') {
      hoist(lowering, [node.init])
      lowerVariables(lowering, node.init)
    } else if (node.init) run(lowering, lowerExpression(lowering, node.init))
    for (const part of [node.test, node.update]) if (part) run(lowering, lowerExpression(lowering, part))
  } else run(lowering, lowerExpression(lowering, node.test))
  lowerStatement(lowering, node.body)
}

/** What a worker asks in each turn: `while (!this.stopped)`, `while (running)`. */
const ASKS_TO_STOP = /(stop|running|alive|abort|shut|cancel|quit|exit|kill|terminat|drain|clos)/i

/** `while (true)`, `for (;;)`, if nothing in it ends it: pages are read in a loop that does. Or one that asks to stop. */
function isEndless(node: Loop): boolean {
  if (node.type === 'WhileStatement' && asksToStop(node.test)) return true
  if (hasEnd(node.body)) return false
  if (node.type === 'ForStatement') return node.test === null
  if (node.type !== 'WhileStatement' && node.type !== 'DoWhileStatement') return false
  return node.test.type === 'Literal' && Boolean(node.test.value)
}

function asksToStop(test: Expression): boolean {
  if (test.type === 'UnaryExpression') return test.operator === '!' && asksToStop(test.argument)
  if (test.type === 'CallExpression') return asksToStop(test.callee)
  if (test.type === 'LogicalExpression') return asksToStop(test.left) || asksToStop(test.right)
  if (test.type === 'Identifier') return ASKS_TO_STOP.test(test.name)
  if (test.type !== 'MemberExpression') return false
  const name = 'name' in test.property ? test.property.name : ''
  return ASKS_TO_STOP.test(typeof name === 'string' ? name : '') || asksToStop(test.object)
}

/** A `break` of an inner loop counts, too: then it is not sure. */
function hasEnd(node: Statement): boolean {
  switch (node.type) {
    case 'BreakStatement':
    case 'ReturnStatement':
      return true
    case 'BlockStatement':
      return node.body.some(hasEnd)
    case 'IfStatement':
      return hasEnd(node.consequent) || (node.alternate !== null && hasEnd(node.alternate))
    case 'TryStatement':
      return [node.block, node.handler?.body, node.finalizer].some((block) => block != null && hasEnd(block))
    case 'SwitchStatement':
      return node.cases.some((one) => one.consequent.some((inner) => inner.type !== 'BreakStatement' && hasEnd(inner)))
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
      return hasEnd(node.body)
    default:
      return false
  }
}

function bindLoop(lowering: Lowering, left: ForStatementLeft, value: number, step: 'each' | 'key'): void {
  const def = { k: 'value', value, within: lowering.within, path: [{ k: step }] } as const
  if (left.type !== 'VariableDeclaration') {
    assignPattern(lowering, left, value, [{ k: step }])
    return
  }
  hoist(lowering, [left])
  for (const { id } of left.declarations) bindPattern(lowering, id, { ...def, path: [...def.path] })
}

/** Also what is exported. */
export function lowerDeclaration(lowering: Lowering, node: Declaration): void {
  switch (node.type) {
    case 'VariableDeclaration':
      lowerVariables(lowering, node)
      return
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'TSDeclareFunction':
    case 'TSEmptyBodyFunctionExpression': {
      // The function itself was made known when its block was hoisted.
      const slot = node.id ? findValue(lowering.scope, node.id.name) : undefined
      const def = slot === undefined ? undefined : lowering.ir.slots[slot]?.defs.find((one) => one.k === 'function')
      if (def?.k === 'function' && node.body) run(lowering, { k: 'function', function: def.function })
      return
    }
    case 'ClassDeclaration':
    case 'ClassExpression': {
      const found = lowerClass(lowering, node, node.id?.name ?? null)
      if (node.id) declareBoth(lowering.scope, lowering.ir, node.id.name).defs.push({ k: 'class', class: found })
      run(lowering, { k: 'class', class: found })
      return
    }
    case 'TSTypeAliasDeclaration':
      lowerAlias(lowering, node)
      return
    case 'TSInterfaceDeclaration':
      lowerInterface(lowering, node)
      return
    case 'TSEnumDeclaration': {
      const members = node.body.members.map(({ id, initializer }): [string, number | null] => [
        id.type === 'Identifier' ? id.name : id.type === 'Literal' ? id.value : (id.quasis[0]?.value.cooked ?? ''),
        initializer ? share(lowering, lowerExpression(lowering, initializer)) : null,
      ])
      declareBoth(lowering.scope, lowering.ir, node.id.name).defs.push({ k: 'enum', members })
      return
    }
    case 'TSModuleDeclaration':
      // Names inside a namespace are visible in it alone; what it exports is rarely a way to a database.
      if (node.body) lowerBlock(innerScope(lowering), node.body.body)
      return
    case 'TSImportEqualsDeclaration':
      lowerModuleStatement(lowering, node)
  }
}

/** A function's body was seen before its statements are, so that calls in front of it find it. */
export function lowerHoistedFunction(lowering: Lowering, node: Parameters<typeof lowerFunctionInto>[1]): void {
  if (!node.id || (!node.body && !node.declare)) return
  const slot = findValue(lowering.scope, node.id.name)
  if (slot === undefined) return
  const made = lowerFunctionInto(lowering, node, { name: node.id.name })
  lowering.ir.slots[slot]?.defs.push({ k: 'function', function: made })
}

function lowerVariables(lowering: Lowering, node: VariableDeclaration): void {
  for (const { id, init } of node.declarations) {
    if (!init) {
      bindPattern(lowering, id, null)
      continue
    }
    const value = share(lowering, lowerExpression(lowering, init, nameOf(id)))
    run(lowering, { k: 'shared', value })
    bindPattern(lowering, id, { k: 'value', value, within: lowering.within })
  }
}

function nameOf(pattern: BindingPattern): string | null {
  return pattern.type === 'Identifier' ? pattern.name : null
}

function run(lowering: Lowering, expr: Expr): void {
  if (expr.k !== 'text' && expr.k !== 'literal' && expr.k !== 'ref') currentFunction(lowering).body.push(expr)
}

/** What the function gives back. */
export function returnValue(lowering: Lowering, expr: Expr): void {
  const value = share(lowering, expr)
  const { body, returns } = currentFunction(lowering)
  body.push({ k: 'shared', value })
  returns.push(value)
}
