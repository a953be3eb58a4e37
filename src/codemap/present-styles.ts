import { packageSpecifier } from './package-name.ts'
import type { Program } from './program.ts'
import type { StyleDefinition } from './style.ts'

/**
 * The styles of which the program names a module anywhere: the methods of the others (`find`, `delete`) need not be
 * looked for. A client that a package of somebody else's hands out is not seen by this.
 */
export function presentStyles(program: Program, styles: readonly StyleDefinition[]): StyleDefinition[] {
  const requests = new Set(program.files.flatMap((file) => program.module(file)?.ir.requests ?? []))
  const names = [...requests].map(packageSpecifier)
  return styles.filter(({ modules }) => names.some((name) => modules.test(name)))
}
