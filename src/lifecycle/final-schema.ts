import { readdir } from 'node:fs/promises'
import { dumpSchema } from '../catalog/dump-schema.ts'
import { type Project, writeArtifact } from '../control/project.ts'
import { BASELINE_NAME } from '../lib/own-files.ts'

/**
 * The one baseline migration: builds the schema as it is now on an empty database. Written under the timestamped
 * name that migration tools order by, and as FINAL_SCHEMA.sql. Returns the path of the first.
 */
export async function writeFinalSchema(url: string, project: Project): Promise<string> {
  const schema = await dumpSchema(url, { schemas: [project.config.oldSchema ?? 'public'] })
  const stamp = new Date().toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)
  await writeArtifact(project, 'FINAL_SCHEMA.sql', schema)
  // One that an earlier run has left, perhaps half: there must not be two.
  const earlier = (await readdir(project.outDir)).find((name) => BASELINE_NAME.test(name))
  return await writeArtifact(project, earlier ?? `${stamp}_final_schema.sql`, schema)
}
