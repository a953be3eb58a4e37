import type { Command } from 'commander'
import { assertCheckApproved } from '../check/checked-design.ts'
import { writeArtifact } from '../control/project.ts'
import { build, buildScript, planOfBuild } from '../lifecycle/build.ts'
import { tryDesign } from '../lifecycle/design.ts'
import { changing, command, type Options, reading, run } from './context.ts'
import { describeStatements } from './statements.ts'

export function addBuildCommand(program: Command): void {
  command(program, 'build', 'create the new tables beside the old ones, from the approved design')
    .option('--dry-run', 'print every statement with its lock and its undo; change nothing')
    .action(async (options: Options & { dryRun?: true }) => {
      await run('build', options, async (context) => {
        const project = await context.project()
        if (options.dryRun) {
          const statements = planOfBuild(await reading(context, (session) => tryDesign(session, project)))
          return { document: { ok: true, statements: describeStatements(statements) }, text: [buildScript(statements)] }
        }
        const result = await changing(context, 'build', async (session) => {
          await assertCheckApproved(session)
          return await build(session, project, context.log, context.signal)
        })
        const path = await writeArtifact(project, 'BUILD.sql', result.artifact)
        return {
          document: { ok: true, statements: result.statements.length, roundTrips: result.roundTrips, artifact: path },
          text: [
            `The new tables are built. What ran is in ${path}.`,
            ...result.roundTrips,
            'Next: read it, then crossfade approve build, then crossfade sync',
          ],
        }
      })
    })
}
