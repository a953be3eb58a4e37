import type { Def, Expr, FileIr } from '../ir.ts'
import { connectFiles } from '../modules/connected-files.ts'
import { walkFunction } from '../parts-of.ts'
import type { Module, Program } from '../program.ts'
import { type CallFlow, createFlowGraph, type FlowGraph, type Node } from './flow-graph.ts'
import { createImports, type Imports } from './flow-imports.ts'
import type { Outside } from './outside.ts'

/** Hands a client on to components that ask for it by a hook. */
export const PROVIDER = 'Provider'

/** What a statement of SQL begins with, in a template that somebody tags; it may begin with a hole. */
const STATEMENT =
  /^\s*(\(|--|\/\*|$|(with|select|insert|update|delete|merge|truncate|create|alter|drop|copy|call|do|set|begin|lock|grant|refresh|explain)\b)/i

/**
 * Which functions may lead to the database: those that call a method of such a name (`words`) on anything that may be a
 * client, and all that call those. A variable and an import are followed to what they hold; a member to all members of
 * that name, whatever they belong to. So this is too much rather than too little; it saves the evaluation of what can't
 * matter. (A field-based call graph: Feldthaus et al., Efficient construction of approximate call graphs for JavaScript
 * IDE services, 2013.)
 */
export function findCallFlow(
  program: Program,
  modules: readonly Module[],
  words: readonly string[],
  outside: Outside,
): CallFlow {
  const importing = modules.map(({ file, ir }) => ({ file, requests: ir.requests, loads: ir.loads }))
  const programOf = connectFiles(importing, program.resolve)
  const graph = createFlowGraph(modules, programOf)
  const imports = createImports(program, graph)
  const known = new Set(words)
  for (const module of modules) collectModule(graph, imports, module, { words: known, outside })
  const flow = graph.reached()
  return { ...flow, names: new Set([...flow.names, ...words]) }
}

interface Known {
  readonly words: ReadonlySet<string>
  readonly outside: Outside
}

function collectModule(graph: FlowGraph, imports: Imports, module: Module, { words, outside }: Known): void {
  const { ir } = module
  const { lead, link, given } = graph

  /** What can be called and the expression may hold is what `put` gets, or what a call of that gives. */
  function eachHeld(expr: Expr | undefined, put: (node: Node, isGiven: boolean) => void): void {
    const all = (of: readonly Expr[]): void => {
      for (const one of of) eachHeld(one, put)
    }
    switch (expr?.k) {
      case 'function':
        put(graph.function(ir, expr.function), false)
        return
      case 'class':
        put(graph.class(ir, expr.class), false)
        return
      case 'ref':
        put(graph.slot(ir, expr.slot), false)
        return
      case 'shared':
        eachHeld(ir.shared[expr.value], put)
        return
      case 'member':
        if (!outside.of(ir, expr.object)) put(graph.member(ir, expr.name), false)
        return
      case 'await':
        if (expr.value.k !== 'call') eachHeld(expr.value, put)
        return
      case 'as':
      case 'spread':
        eachHeld(expr.value, put)
        return
      case 'either':
        all(expr.of)
        return
      case 'array':
        all(expr.items)
        return
      case 'sequence':
        all(expr.of.slice(-1))
        return
      case 'call':
        if (isWrapper(expr.callee)) all(expr.args.filter((arg) => arg.k !== 'array'))
        eachHeld(calleeOf(expr.callee), (node, isGiven) => isGiven || put(given(node), true))
        return
    }
  }

  /** What wraps a function (`useCallback`, `React.memo`, `withAuth`) gives one that does the same; `list.map` doesn't. */
  function isWrapper(callee: Expr): boolean {
    if (callee.k === 'global') return false
    if (callee.k !== 'member') return true
    const { object } = callee
    return (
      object.k === 'this' ||
      (object.k === 'ref' && (ir.slots[object.slot]?.defs.some((def) => def.k === 'import') ?? false))
    )
  }

  /** A call of a call is not followed. */
  function calleeOf(expr: Expr): Expr | undefined {
    if (expr.k === 'shared') return ir.shared[expr.value]
    return expr.k === 'call' ? undefined : expr
  }

  /** What the expression holds is under the node, too. */
  function hold(expr: Expr | undefined, to: Node): void {
    if (expr?.k === 'import') imports.link(module, expr.from, '*', to)
    else eachHeld(expr, (node, isGiven) => (isGiven ? lead(node, to) : link(node, to)))
  }

  /** The same for a member of that name. */
  function keep(expr: Expr | undefined, name: string): void {
    if (expr?.k === 'function') graph.keep(ir, name, graph.function(ir, expr.function))
    else if (expr?.k === 'shared') keep(ir.shared[expr.value], name)
    else hold(expr, graph.member(ir, name))
  }

  const holdShared = (value: number | undefined, to: Node): void => {
    if (value !== undefined) hold(ir.shared[value], to)
  }

  /** Who hands a function on may lead where that does, with what it is called with there. */
  function handOn(callee: Expr, arg: Expr, to: Node): void {
    if (arg.k === 'ref' && isFunction(arg.slot) && !outside.isForeign(ir, callee)) lead(graph.slot(ir, arg.slot), to)
    if (arg.k === 'member' && arg.object.k === 'this') lead(graph.member(ir, arg.name), to)
  }

  function isFunction(slot: number): boolean {
    return (ir.slots[slot]?.defs ?? []).some((def) => {
      const expr = def.k === 'value' && def.path === undefined ? ir.shared[def.value] : undefined
      return def.k === 'function' || def.k === 'import' || expr?.k === 'function'
    })
  }

  function collectCall(expr: Extract<Expr, { k: 'call' | 'new' }>, fn: number): void {
    const { callee, args } = expr
    const node = graph.function(ir, fn)
    // What a function that stands here does is done by the one around it.
    for (const arg of args) handOn(callee, arg, node)
    switch (callee.k) {
      case 'member':
        if (callee.name === PROVIDER) graph.offer({ ir, fn, expr })
        if (outside.receives(ir, callee.object)) return
        if (words.has(callee.name) || outside.isTyped(ir, callee.object)) graph.start(node)
        graph.call(graph.member(ir, callee.name), node)
        return
      case 'ref':
        if (outside.isLibrary(ir, callee.slot) || isParameter(ir, callee.slot)) graph.run(ir, fn)
        if (isWord(callee.slot)) {
          graph.mark(ir, callee.slot)
          graph.start(node)
        }
        graph.call(graph.slot(ir, callee.slot), node)
        return
      case 'global':
        graph.call(graph.member(ir, callee.name), node)
        return
      case 'index':
        if (!outside.of(ir, callee.object)) graph.start(node)
        return
      default:
        if (mentionsWord(callee)) graph.start(node)
        eachHeld(callee, (held) => lead(held, node))
        return
    }
  }

  /** `client.from.bind(client)(…)` */
  function mentionsWord(expr: Expr): boolean {
    if (expr.k === 'call') return mentionsWord(expr.callee)
    return expr.k === 'member' && (words.has(expr.name) || mentionsWord(expr.object))
  }

  /** `const { from } = client` */
  function isWord(slot: number): boolean {
    return (ir.slots[slot]?.defs ?? []).some((def) => {
      const member = 'path' in def ? def.path?.findLast((one) => one.k === 'member') : undefined
      if (member === undefined || !words.has(member.name)) return false
      const expr = def.k === 'value' ? ir.shared[def.value] : undefined
      return !(expr && outside.of(ir, expr))
    })
  }

  function collectExpression(expr: Expr, fn: number): void {
    switch (expr.k) {
      case 'call':
      case 'new':
        collectCall(expr, fn)
        return
      case 'tag':
        if (STATEMENT.test(expr.parts[0] ?? '') && !outside.of(ir, expr.tag)) graph.start(graph.function(ir, fn))
        return
      case 'import':
        imports.link(module, expr.from, '*', graph.whole(ir))
        return
      case 'object':
        for (const one of expr.members) {
          if (one.k === 'get') graph.keep(ir, one.name, graph.function(ir, one.function))
          else if (one.k === 'value') keep(one.value, one.name)
        }
    }
  }

  function collectDef(def: Def, owner: number, to: Node): void {
    switch (def.k) {
      case 'function':
        link(graph.function(ir, def.function), to)
        return
      case 'class':
        link(graph.class(ir, def.class), to)
        return
      case 'import':
        imports.link(module, def.from, def.name, to)
        return
      case 'parameter':
      case 'value':
        collectPart(def, owner, to)
        return
    }
  }

  function collectPart(def: Extract<Def, { k: 'parameter' | 'value' }>, owner: number, to: Node): void {
    const [step] = def.path ?? []
    for (const one of def.path ?? []) if (one.k === 'default') holdShared(one.value, to)
    const expr = def.k === 'value' ? ir.shared[def.value] : undefined
    const member = def.path?.findLast((one) => one.k === 'member')
    if (member === undefined) {
      if (def.k === 'value') hold(expr, to)
      else if (step === undefined) holdShared(ir.functions[owner]?.parameters[def.index]?.default, to)
    } else if (!(expr && outside.of(ir, expr))) {
      const from = requestOf(ir, expr)
      if (from !== null) imports.link(module, from, member.name, to)
      link(graph.member(ir, member.name), to)
    }
  }

  ir.functions.forEach(({ parent, returns }, number) => {
    const node = graph.function(ir, number)
    if (parent >= 0) lead(node, graph.function(ir, parent))
    for (const value of returns) eachHeld(ir.shared[value], (held) => lead(held, given(node)))
    walkFunction(ir, number, (expr) => collectExpression(expr, number))
  })
  ir.slots.forEach(({ defs, owner, sets, keyed, pushes }, number) => {
    const node = graph.slot(ir, number)
    if (outside.callable.isImport(ir, number)) graph.holdClient(given(node))
    if (outside.callable.isTyped(ir, number)) graph.holdClient(node)
    for (const def of defs) collectDef(def, owner, node)
    for (const { name, value } of sets ?? []) keep(ir.shared[value], name)
    for (const { value } of [...(keyed ?? []), ...(pushes ?? [])]) holdShared(value, node)
  })
  ir.classes.forEach(({ base, members, sets, initial, superCall }, number) => {
    const node = graph.class(ir, number)
    holdShared(base, node)
    for (const { name, function: fn, value, type } of members) {
      if (outside.callable.isType(ir, type)) graph.holdClient(graph.member(ir, name))
      if (fn !== undefined) {
        graph.keep(ir, name, graph.function(ir, fn))
        lead(graph.function(ir, fn), node)
      }
      if (value !== undefined) keep(ir.shared[value], name)
    }
    for (const { name, value } of sets) keep(ir.shared[value], name)
    lead(graph.function(ir, initial), node)
    if (superCall) lead(node, graph.function(ir, superCall.within))
  })
  for (const one of ir.exports) {
    if (one.k === 'slot') link(graph.slot(ir, one.slot), graph.export(ir, one.name))
    else if (one.k === 'value') holdShared(one.value, graph.export(ir, one.name))
    else if (one.k === 'from') imports.link(module, one.from, one.imported, graph.export(ir, one.name))
  }
  for (const value of ir.wholeExports) holdShared(value, graph.whole(ir))
  for (const { name, value } of ir.globals) holdShared(value, graph.member(ir, name))
}

/** A function that calls what it is handed. */
export function isParameter(ir: FileIr, slot: number): boolean {
  return ir.slots[slot]?.defs.some((def) => def.k === 'parameter' && def.path === undefined) ?? false
}

/** The module that `require('…')` or `await import('…')` names. */
function requestOf(ir: FileIr, expr: Expr | undefined): string | null {
  if (expr?.k === 'import') return expr.from
  if (expr?.k === 'await' || expr?.k === 'as') return requestOf(ir, expr.value)
  return expr?.k === 'shared' ? requestOf(ir, ir.shared[expr.value]) : null
}
