import type { Command } from 'commander'
import { writeArtifact } from '../control/project.ts'
import { readBuiltState } from '../control/state.ts'
import { buildScript } from '../lifecycle/build.ts'
import { recordBuild, tellRecorded } from '../lifecycle/migration-files.ts'
import { move, planMoveOf } from '../lifecycle/move.ts'
import { assertRecordable } from '../migrations/record-migration.ts'
import { changing, command, type Options, reading, run, workOf } from './context.ts'
import { describeStatements } from './statements.ts'

export function addMoveCommand(program: Command): void {
  command(
    program,
    'move',
    'open the new tables for writing, so that code moves file by file; again: report what still uses old names',
  )
    .option('--dry-run', 'print every statement with its lock and its undo; change nothing')
    .option(
      '--migration',
      'put the new tables into the folder of your migrations, where build has not, and mark that as applied here',
    )
    .action(async (options: Options & { dryRun?: true; migration?: true }) => {
      await run('move', options, async (context) => {
        const project = await context.project()
        if (options.dryRun) {
          const plan = await reading(context, async (session) =>
            planMoveOf(session, (await readBuiltState(session)).mapping),
          )
          const statements = [...plan.relocation, ...plan.statements]
          return { document: { ok: true, statements: describeStatements(statements) }, text: [buildScript(statements)] }
        }
        const result = await changing(context, 'move', async (session) => {
          if (options.migration) await assertRecordable(session, project, 'build')
          const moved = await move(session, project, await workOf(context, session))
          return { ...moved, recorded: options.migration ? await recordBuild(session, project) : null }
        })
        const path = await writeArtifact(project, 'MOVE_REPORT.md', result.artifact)
        return {
          document: {
            ...{ ok: true, opened: result.opened, oldWrites: result.oldWrites, artifact: path },
            ...(result.recorded ? { recorded: result.recorded } : {}),
          },
          text: [
            ...(result.opened
              ? [
                  `The new tables are open; holding their users up took ${result.opened.lockMs} ms (attempt ${result.opened.attempts}).`,
                ]
              : []),
            ...result.oldWrites.map(
              (w) =>
                `${w.source}: ${w.writes} writes by the old name so far${w.writes > 0 ? `, the last seen at ${w.changedAt.toISOString()}` : ''}`,
            ),
            ...(result.recorded ? [tellRecorded(result.recorded)] : []),
            `Report: ${path}`,
          ],
        }
      })
    })
}
