import type { Project } from '../../project.ts'

/** Files whose exports `up`, `down` and `seed` Knex calls itself: those in folders of that kind of a package that has Knex. */
export async function readConventions(project: Project): Promise<(file: string) => boolean> {
  const packages: string[] = []
  for (const file of project.files('package.json')) {
    const text = (await project.read(file)) ?? ''
    if (/"(knex|objection)"\s*:/.test(text)) packages.push(file.slice(0, -'package.json'.length))
  }
  return (file) => packages.some((folder) => file.startsWith(folder)) && FOLDERS.test(file)
}

const FOLDERS = /(^|\/)[\w.-]*(migrations?|seeds?)[\w.-]*\//i
