import type { Module, Program } from '../program.ts'

const known = new WeakMap<Module, ReadonlySet<string> | null>()

/**
 * Whether a module of the program may export the name, by itself or through `export *`: an index of five hundred files
 * is asked for each name that anybody imports of it.
 */
export function mayExport(program: Program, module: Module, name: string): boolean {
  let names = known.get(module)
  if (names === undefined) {
    names = exportedNames(program, module)
    known.set(module, names)
  }
  return names?.has(name) ?? true
}

/** Null where it may be any: what CommonJS exports, or a package from elsewhere. */
function exportedNames(program: Program, from: Module): ReadonlySet<string> | null {
  const names = new Set<string>()
  const seen = new Set<Module>([from])
  for (const module of seen) {
    if (module.ir.wholeExports.length > 0) return null
    for (const one of module.ir.exports) {
      if (one.k !== 'all') names.add(one.name)
      else {
        const file = program.resolve(one.from, module.file)
        const next = file === null ? null : program.module(file)
        if (!next) return null
        seen.add(next)
      }
    }
  }
  return names
}
