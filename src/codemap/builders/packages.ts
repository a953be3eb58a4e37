import type { Project } from '../project.ts'

/** What the packages of a project depend on. */
export interface Packages {
  /** Whether a package around the file has a dependency of that name. */
  has(file: string, name: RegExp): boolean
  /** False where the packages around the file have drivers of other databases alone. */
  mayReachPostgres(file: string): boolean
}

const POSTGRES = /^(pg(-native|-promise)?|postgres|@neondatabase\/serverless|@vercel\/postgres|@sequelize\/postgres)$/
const OTHERS =
  /^(mysql2?|mariadb|better-sqlite3|sqlite3|tedious|oracledb|ibm_db|snowflake-sdk|@sequelize\/(mysql|mariadb|sqlite3|mssql|db2|snowflake))$/

export async function readPackages(project: Project): Promise<Packages> {
  const packages: { folder: string; names: readonly string[] }[] = []
  for (const file of project.files('package.json')) {
    const names = dependenciesIn(await project.read(file))
    packages.push({ folder: file.slice(0, -'package.json'.length), names })
  }
  const around = (file: string): string[] =>
    packages.filter(({ folder }) => file.startsWith(folder)).flatMap(({ names }) => names)
  return {
    has: (file, name) => around(file).some((one) => name.test(one)),
    mayReachPostgres: (file) => {
      const names = around(file)
      return names.some((name) => POSTGRES.test(name)) || !names.some((name) => OTHERS.test(name))
    },
  }
}

/** Also of a file that is no JSON: none. */
function dependenciesIn(text: string | null): string[] {
  try {
    const found: unknown = JSON.parse(text ?? '{}')
    if (found === null || typeof found !== 'object') return []
    const all = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']
    return all.flatMap((kind) => {
      const names: unknown = (found as Record<string, unknown>)[kind]
      return names !== null && typeof names === 'object' ? Object.keys(names) : []
    })
  } catch {
    return []
  }
}
