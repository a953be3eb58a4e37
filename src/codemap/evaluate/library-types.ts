import type { FileIr, TypeIr } from '../ir.ts'
import { mayExport } from '../modules/exported-names.ts'
import type { Program } from '../program.ts'

/** Tells what the code itself says to be something of some libraries: by an import, or by a declared type. */
export interface LibraryTypes {
  isImport(ir: FileIr, slot: number): boolean
  /** Aliases are followed, over modules too. */
  isType(ir: FileIr, type: TypeIr | undefined): boolean
}

/** How many aliases are followed. */
const MAX_ALIASES = 6

export function createTypes(
  program: Program,
  libraries: readonly RegExp[],
  fileOf: ReadonlyMap<FileIr, string>,
): LibraryTypes {
  const isFrom = (specifier: string): boolean => libraries.some((one) => one.test(specifier))

  function isImport(ir: FileIr, slot: number): boolean {
    return ir.slots[slot]?.defs.some((def) => def.k === 'import' && isFrom(def.from)) ?? false
  }

  function isType(ir: FileIr, type: TypeIr | undefined, depth = MAX_ALIASES): boolean {
    if (depth === 0) return false
    switch (type?.k) {
      case 'import':
        return isFrom(type.from) || isExported(ir, type.from, type.name, depth - 1)
      case 'ref': {
        if (isImport(ir, type.slot)) return true
        const [only] = ir.slots[type.slot]?.defs ?? []
        if (only?.k === 'import') return isExported(ir, only.from, only.name, depth - 1)
        return isType(ir, ir.slots[type.slot]?.means, depth - 1)
      }
      case 'union':
      case 'intersection':
        return type.of.some((one) => isType(ir, one, depth - 1))
      default:
        return false
    }
  }

  function isExported(ir: FileIr, specifier: string, name: string, depth: number): boolean {
    const file = program.resolve(specifier, fileOf.get(ir) ?? '')
    const module = file === null ? null : program.module(file)
    if (!module || !mayExport(program, module, name)) return false
    const target = module.ir
    return target.exports.some((one) => {
      if (one.k === 'all') return isType(target, { k: 'import', from: one.from, name }, depth)
      if (one.name !== name) return false
      if (one.k === 'slot') return isType(target, { k: 'ref', slot: one.slot }, depth)
      return one.k === 'from' && isType(target, { k: 'import', from: one.from, name: one.imported }, depth)
    })
  }

  return { isImport, isType: (ir, type) => isType(ir, type) }
}
