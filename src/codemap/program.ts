import type { FileIr } from './ir.ts'

/** A source file of the program. */
export interface Module {
  readonly file: string
  readonly ir: FileIr
}

/** The modules of the program and how they find each other. */
export interface Program {
  readonly files: readonly string[]
  /** Null for a file that is none of the program's, or could not be parsed. */
  module(file: string): Module | null
  /** The file that an import leads to; null for a package from elsewhere, or a file that isn't there. */
  resolve(specifier: string, importer: string): string | null
  /** Where a relative or aliased specifier leads, without an extension, from the root, whether it is there or not; null for a package. */
  target(specifier: string, importer: string): string | null
  /** The package that a specifier means, after aliases, without version or registry. */
  package(specifier: string, importer: string): string
}
