import type { Command } from 'commander'
import { checkFrontDoor } from '../check/check-front-door.ts'
import type { CheckFinding } from '../check/check-report.ts'
import { assertCheckApproved } from '../check/checked-design.ts'
import { settleFindings } from '../check/finding.ts'
import { type Project, writeArtifact } from '../control/project.ts'
import { build, buildScript, planOfBuild } from '../lifecycle/build.ts'
import { tryDesign } from '../lifecycle/design.ts'
import { recordBuild, tellRecorded } from '../lifecycle/migration-files.ts'
import { assertRecordable } from '../migrations/record-migration.ts'
import type { Mapping } from '../spec/mapping.ts'
import { readApi } from './api-access.ts'
import { type Context, changing, command, type Options, reading, run } from './context.ts'
import { describeStatements } from './statements.ts'

export function addBuildCommand(program: Command): void {
  command(program, 'build', 'create the new tables beside the old ones, from the approved design')
    .option('--dry-run', 'print every statement with its lock and its undo; change nothing')
    .option('--migration', 'put the new tables into the folder of your migrations, too, and mark that as applied here')
    .action(async (options: Options & { dryRun?: true; migration?: true }) => {
      await run('build', options, async (context) => {
        const project = await context.project()
        if (options.dryRun) {
          const { statements, planned } = await reading(context, async (session) => ({
            planned: options.migration ? await assertRecordable(session, project, 'build') : null,
            statements: planOfBuild(await tryDesign(session, project)),
          }))
          return {
            document: {
              ok: true,
              statements: describeStatements(statements),
              ...(planned ? { recorded: planned } : {}),
            },
            text: [
              buildScript(statements),
              ...(planned
                ? [`-- Then the new tables as a migration, marked as applied in ${planned.table}: ${planned.path}`]
                : []),
            ],
          }
        }
        const result = await changing(context, 'build', async (session) => {
          await assertCheckApproved(session)
          if (options.migration) await assertRecordable(session, project, 'build')
          const built = await build(session, project, context)
          return { ...built, recorded: options.migration ? await recordBuild(session, project) : null }
        })
        const path = await writeArtifact(project, 'BUILD.sql', result.artifact)
        const frontDoor = await tryApi(context, project, result.mapping)
        return {
          document: {
            ...{ ok: true, statements: result.statements.length, roundTrips: result.roundTrips, artifact: path },
            ...(result.recorded ? { recorded: result.recorded } : {}),
            ...(frontDoor.length === 0 ? {} : { frontDoor }),
          },
          text: [
            `The new tables are built. What ran is in ${path}.`,
            ...result.roundTrips,
            ...(result.recorded ? [tellRecorded(result.recorded)] : []),
            ...frontDoor.flatMap(({ what, advice }) => [what, ...(advice === 'Nothing.' ? [] : [`    ${advice}`])]),
            'Next: read it, then crossfade approve build, then crossfade sync',
          ],
        }
      })
    })
}

/** PostgREST hears of new tables a moment later. */
const API_PATIENCE_MS = 5_000

/** What a client over the API finds of what has just been built. */
async function tryApi(context: Context, project: Project, mapping: Mapping): Promise<CheckFinding[]> {
  const api = await readApi(project, context.log)
  if (api === null) return []
  const options = { signal: context.signal, patienceMs: API_PATIENCE_MS }
  const found = await reading(context, (session) => checkFrontDoor(session, mapping, api, options))
  return settleFindings(found, { accept: [], showsValues: false })
}
