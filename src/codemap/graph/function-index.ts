import { type FunctionId, functionId } from '../code-graph.ts'
import { type Def, type Expr, type FunctionIr, unpackPosition } from '../ir.ts'
import type { Module, Program } from '../program.ts'

/** Finds the functions of a program by what code calls them. */
export interface FunctionIndex {
  idOf(module: Module, fn: number): FunctionId
  /** The functions that a variable may hold; a class stands for its constructor. */
  slotTargets(module: Module, slot: number): readonly FunctionId[]
  /** The methods and functions of that name nearby: see `memberTargets`. */
  memberTargets(module: Module, name: string): readonly FunctionId[]
  exportTargets(file: string, name: string): readonly FunctionId[]
}

/** See `FunctionId`. */
export function callbackId(file: string, { name, at }: FunctionIr): FunctionId {
  const { line, column } = unpackPosition(at)
  return `${functionId(file, name)}:${line}:${column}`
}

interface Named {
  readonly id: FunctionId
  readonly file: string
}

/** `callbacks`: by file, the functions without a name that are told apart from the function around them. */
export function indexFunctions(program: Program, callbacks: ReadonlyMap<string, ReadonlySet<number>>): FunctionIndex {
  const byName = collectNames(program)
  const near = new Map<string, ReadonlySet<string>>()

  function idOf(module: Module, fn: number): FunctionId {
    const made = module.ir.functions[fn]
    if (made === undefined) return functionId(module.file, null)
    if (callbacks.get(module.file)?.has(fn)) return callbackId(module.file, made)
    return made.own || made.parent < 0 ? functionId(module.file, made.name) : idOf(module, made.parent)
  }

  function classTargets(module: Module, number: number): FunctionId[] {
    const members = module.ir.classes[number]?.members ?? []
    const made = members.filter((member) => member.k === 'constructor').flatMap((member) => member.function ?? [])
    return [module.ir.classes[number]?.initial ?? -1, ...made].map((fn) => idOf(module, fn))
  }

  function exprTargets(module: Module, expr: Expr | undefined, seen: Set<string>): FunctionId[] {
    switch (expr?.k) {
      case 'function':
        return [idOf(module, expr.function)]
      case 'class':
        return classTargets(module, expr.class)
      case 'ref':
        return slotTargets(module, expr.slot, seen)
      case 'shared':
        return exprTargets(module, module.ir.shared[expr.value], seen)
      case 'either':
        return expr.of.flatMap((one) => exprTargets(module, one, seen))
      case 'as':
      case 'await':
        return exprTargets(module, expr.value, seen)
      default:
        return []
    }
  }

  function defTargets(module: Module, def: Def, seen: Set<string>): FunctionId[] {
    switch (def.k) {
      case 'function':
        return [idOf(module, def.function)]
      case 'class':
        return classTargets(module, def.class)
      case 'import':
        return importTargets(module, def.from, def.name, seen)
      case 'value': {
        const value = module.ir.shared[def.value]
        const [step] = def.path ?? []
        if (step === undefined) return exprTargets(module, value, seen)
        const from = requestOf(module, value)
        return from !== null && step.k === 'member' ? importTargets(module, from, step.name, seen) : []
      }
      default:
        return []
    }
  }

  function slotTargets(module: Module, slot: number, seen: Set<string>): FunctionId[] {
    const key = `${module.file} ${slot}`
    if (seen.has(key)) return []
    seen.add(key)
    return (module.ir.slots[slot]?.defs ?? []).flatMap((def) => defTargets(module, def, seen))
  }

  function importTargets(module: Module, from: string, name: string, seen: Set<string>): FunctionId[] {
    const file = program.resolve(from, module.file)
    return file === null ? [] : exportTargets(file, name, seen)
  }

  function exportTargets(file: string, name: string, seen: Set<string>): FunctionId[] {
    const module = program.module(file)
    const key = `${file} ${name}`
    if (module === null || seen.has(key)) return []
    seen.add(key)
    return module.ir.exports.flatMap((one): FunctionId[] => {
      if (one.k === 'all') return name === 'default' ? [] : importTargets(module, one.from, name, seen)
      if (one.name !== name) return []
      if (one.k === 'slot') return slotTargets(module, one.slot, seen)
      if (one.k === 'value') return exprTargets(module, module.ir.shared[one.value], seen)
      return importTargets(module, one.from, one.imported, seen)
    })
  }

  /**
   * What `x.name()` may call: functions of that name in the file, or in files that it imports, also through files that
   * only pass exports on. Where there is none, the only one of the program. What `x` is isn't asked, so a name that
   * many things have may lead too far; it never leads to a file that this one has nothing to do with.
   */
  function memberTargets(module: Module, name: string): FunctionId[] {
    const all = byName.get(name) ?? []
    if (all.length === 0) return []
    const files = near.get(module.file) ?? filesNear(program, module)
    near.set(module.file, files)
    const close = all.filter((one) => files.has(one.file))
    if (close.length > 0) return close.map((one) => one.id)
    return all.length === 1 ? all.map((one) => one.id) : []
  }

  return {
    idOf,
    memberTargets,
    slotTargets: (module, slot) => slotTargets(module, slot, new Set()),
    exportTargets: (file, name) => exportTargets(file, name, new Set()),
  }
}

function collectNames(program: Program): Map<string, Named[]> {
  const byName = new Map<string, Named[]>()
  for (const file of program.files) {
    for (const fn of program.module(file)?.ir.functions ?? []) {
      const name = lastWord(fn)
      if (name === null) continue
      const known = byName.get(name)
      const made = { id: functionId(file, fn.name), file }
      if (known) known.push(made)
      else byName.set(name, [made])
    }
  }
  return byName
}

function lastWord({ name, own }: FunctionIr): string | null {
  return name === null || !own ? null : name.slice(name.lastIndexOf('.') + 1)
}

function filesNear(program: Program, module: Module): Set<string> {
  const files = new Set([module.file])
  for (const request of module.ir.requests) {
    const file = program.resolve(request, module.file)
    if (file === null || files.has(file)) continue
    files.add(file)
    const inner = program.module(file)
    for (const one of inner?.ir.exports ?? []) {
      const passed = one.k === 'all' || one.k === 'from' ? program.resolve(one.from, file) : null
      if (passed !== null) files.add(passed)
    }
  }
  return files
}

/** The module that `require('…')` or `await import('…')` names. */
function requestOf(module: Module, expr: Expr | undefined): string | null {
  if (expr?.k === 'import') return expr.from
  if (expr?.k === 'await' || expr?.k === 'as') return requestOf(module, expr.value)
  return expr?.k === 'shared' ? requestOf(module, module.ir.shared[expr.value]) : null
}
