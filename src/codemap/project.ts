/** What a style may read of the project besides its source files. */
export interface Project {
  /** Files that are no source code, by their ending (`.prisma`, `.sql`, `.json`), from the root. */
  files(ending: string): readonly string[]
  /** The text of such a file; null where it can't be read. */
  read(file: string): Promise<string | null>
}
