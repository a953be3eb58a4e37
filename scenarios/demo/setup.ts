import { fillLegacy } from '../../src/demo/legacy-rows.ts'
import { writeProject } from '../../src/demo/project.ts'
import type { Prepare } from '../../test/scenarios/scenario.ts'

export const prepare: Prepare = async (client, directory) => {
  await fillLegacy(client, { keys: 400 })
  return await writeProject(directory)
}
