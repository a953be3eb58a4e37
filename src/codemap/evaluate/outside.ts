import { isBuiltin } from 'node:module'
import type { Def, Expr, FileIr, Slot, TypeIr } from '../ir.ts'
import type { Module, Program } from '../program.ts'
import { createTypes } from './library-types.ts'

/** Tells what can lead neither to the database nor to a function of the program. */
export interface Outside {
  /** Whether the value of the expression is one of the language, of data, or of a package that has to do with neither. */
  of(ir: FileIr, expr: Expr): boolean
  /** The same for what a method is called on; what it gives may be another thing (a client, out of a Map). */
  receives(ir: FileIr, expr: Expr): boolean
  /** Whether a function is one that a package gave: it knows nothing of the program but what it is handed. */
  isForeign(ir: FileIr, expr: Expr): boolean
  /** Whether it is a variable, or a field of a class, that is declared to be something of one of the libraries. */
  isTyped(ir: FileIr, expr: Expr): boolean
  /** Whether the variable is an import of one of the libraries. */
  isLibrary(ir: FileIr, slot: number): boolean
  /** The same of those whose client is a function itself. */
  readonly callable: {
    isImport(ir: FileIr, slot: number): boolean
    isType(ir: FileIr, type: TypeIr | undefined): boolean
    isTyped(ir: FileIr, slot: number): boolean
  }
}

/** What every program finds there, but for the global object itself, on which a program may put things. */
const GLOBALS = new Set(
  Object.getOwnPropertyNames(globalThis)
    .concat(
      'document',
      'localStorage',
      'sessionStorage',
      'location',
      'history',
      'alert',
      'confirm',
      'require',
      'module',
    )
    .filter((name) => name !== 'globalThis' && name !== 'global' && name !== 'exports'),
)

/** Packages that hand out pages, routes, checks and styles; none of them gives a client of a database. */
const HARMLESS =
  /^(react-dom|next|zod|yup|joi|lodash|lodash-es|express|fastify|hono|koa|axios|clsx|dayjs|date-fns|winston|pino|jest|vitest|chai|sinon|@jest|@testing-library|@playwright|@radix-ui|@tanstack|@headlessui|@mui)(\/|$)|^react-|^lodash\.|^@types\//

export function createOutside(
  program: Program,
  modules: readonly Module[],
  { libraries, callable }: { readonly libraries: readonly RegExp[]; readonly callable: readonly RegExp[] },
): Outside {
  const fileOf = new Map(modules.map(({ file, ir }) => [ir, file]))
  const assigned = new Set(modules.flatMap(({ ir }) => ir.globals.map(({ name }) => name)))
  const known = new Map<FileIr, Map<number, boolean>>()

  function ofSlot(ir: FileIr, number: number): boolean {
    const all = known.get(ir) ?? new Map<number, boolean>()
    known.set(ir, all)
    const before = all.get(number)
    if (before !== undefined) return before
    // A variable that is made of itself is what else is put into it.
    all.set(number, true)
    const slot = ir.slots[number]
    const found =
      slot !== undefined &&
      slot.defs.length > 0 &&
      !slot.sets &&
      !slot.keyed &&
      !slot.pushes &&
      slot.defs.every((def) => ofDef(ir, def))
    all.set(number, found)
    return found
  }

  function ofDef(ir: FileIr, def: Def): boolean {
    if (def.k === 'import') return isHarmless(ir, def.from)
    if (def.k === 'enum') return true
    return def.k === 'value' && ofShared(ir, def.value) && (def.path ?? []).every((step) => ofStep(ir, step))
  }

  function ofStep(ir: FileIr, step: NonNullable<Extract<Def, { k: 'value' }>['path']>[number]): boolean {
    return step.k !== 'default' || ofShared(ir, step.value)
  }

  function ofShared(ir: FileIr, number: number): boolean {
    const expr = ir.shared[number]
    return expr !== undefined && of(ir, expr)
  }

  function isHarmless(ir: FileIr, specifier: string): boolean {
    const importer = fileOf.get(ir) ?? ''
    if (program.resolve(specifier, importer) !== null) return false
    const name = program.package(specifier, importer)
    return isBuiltin(name) || HARMLESS.test(name)
  }

  function of(ir: FileIr, expr: Expr): boolean {
    switch (expr.k) {
      case 'text':
      case 'literal':
      case 'template':
      case 'add':
      case 'effects':
        return true
      case 'ref':
        return ofSlot(ir, expr.slot)
      case 'shared':
        return ofShared(ir, expr.value)
      case 'global':
        return GLOBALS.has(expr.name) && !assigned.has(expr.name)
      case 'member':
      case 'index':
        return of(ir, expr.object)
      case 'call':
      case 'new':
        return of(ir, expr.callee) && expr.args.every((arg) => of(ir, arg))
      case 'array':
        return expr.items.every((one) => of(ir, one))
      case 'either':
        return expr.of.every((one) => of(ir, one))
      case 'await':
      case 'spread':
        return of(ir, expr.value)
      case 'sequence': {
        const last = expr.of.at(-1)
        return last !== undefined && of(ir, last)
      }
      case 'object':
        return expr.members.every((one) => one.k !== 'get' && of(ir, one.value))
      default:
        return false
    }
  }

  function receives(ir: FileIr, expr: Expr): boolean {
    switch (expr.k) {
      case 'shared': {
        const inner = ir.shared[expr.value]
        return inner !== undefined && receives(ir, inner)
      }
      case 'new':
        return expr.callee.k === 'global' && of(ir, expr.callee)
      case 'array':
        return true
      case 'ref': {
        const slot = ir.slots[expr.slot]
        const type = slot?.type ?? typeOfParameter(ir, slot)
        if (type?.k === 'array' || (type?.k === 'global' && GLOBALS.has(type.name))) return true
        const [only] = slot?.defs ?? []
        if (slot?.defs.length === 1 && only?.k === 'value' && only.path === undefined) {
          const inner = ir.shared[only.value]
          if (inner && inner.k !== 'ref' && receives(ir, inner)) return true
        }
        return of(ir, expr)
      }
      default:
        return of(ir, expr)
    }
  }

  function isForeign(ir: FileIr, expr: Expr | undefined, depth = 6): boolean {
    if (depth === 0) return false
    switch (expr?.k) {
      case 'shared':
        return isForeign(ir, ir.shared[expr.value], depth - 1)
      case 'member':
        return isForeign(ir, expr.object, depth - 1)
      case 'call':
      case 'new':
        return isForeign(ir, expr.callee, depth - 1) && expr.args.every((arg) => arg.k !== 'function')
      case 'await':
        return isForeign(ir, expr.value, depth - 1)
      case 'global':
        return of(ir, expr)
      case 'ref': {
        const defs = ir.slots[expr.slot]?.defs ?? []
        return defs.length > 0 && defs.every((def) => isForeignDef(ir, def, depth - 1))
      }
      default:
        return false
    }
  }

  function isForeignDef(ir: FileIr, def: Def, depth: number): boolean {
    if (def.k === 'import') return program.resolve(def.from, fileOf.get(ir) ?? '') === null
    return def.k === 'value' && isForeign(ir, ir.shared[def.value], depth)
  }

  const any = createTypes(program, libraries, fileOf)
  const called = createTypes(program, callable, fileOf)
  const typeOf = (ir: FileIr, number: number): TypeIr | undefined => {
    const slot = ir.slots[number]
    return slot?.type ?? typeOfParameter(ir, slot)
  }
  return {
    of,
    receives,
    isForeign,
    isTyped: (ir, expr) => {
      if (expr.k === 'ref') return any.isType(ir, typeOf(ir, expr.slot))
      if (expr.k !== 'member' || expr.object.k !== 'this') return false
      return ir.classes.some(({ members }) => members.some((one) => one.name === expr.name && any.isType(ir, one.type)))
    },
    isLibrary: any.isImport,
    callable: { ...called, isTyped: (ir, slot) => called.isType(ir, typeOf(ir, slot)) },
  }
}

function typeOfParameter(ir: FileIr, slot: Slot | undefined): TypeIr | undefined {
  const [only] = slot?.defs ?? []
  if (slot?.defs.length !== 1 || only?.k !== 'parameter' || only.path !== undefined) return undefined
  return ir.functions[slot.owner]?.parameters[only.index]?.type
}
