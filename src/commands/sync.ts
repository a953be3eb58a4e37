import type { Command } from 'commander'
import { writeArtifact } from '../control/project.ts'
import { readBuiltState } from '../control/state.ts'
import { buildScript } from '../lifecycle/build.ts'
import { sync } from '../lifecycle/sync.ts'
import { planSync } from '../sqlgen/plan.ts'
import { changing, command, type Options, reading, run, workOf } from './context.ts'
import { describeStatements } from './statements.ts'

export function addSyncCommand(program: Command): void {
  command(program, 'sync', 'keep both sides in step from now on, and bring the existing rows')
    .option('--dry-run', 'print every statement with its lock and its undo; change nothing')
    .action(async (options: Options & { dryRun?: true }) => {
      await run('sync', options, async (context) => {
        const project = await context.project()
        if (options.dryRun) {
          const { mapping } = await reading(context, readBuiltState)
          const statements = planSync(mapping)
          return { document: { ok: true, statements: describeStatements(statements) }, text: [buildScript(statements)] }
        }
        const result = await changing(context, 'sync', async (session) =>
          sync(session, project, await workOf(context, session)),
        )
        const path = await writeArtifact(project, 'SYNC_REPORT.md', result.artifact)
        const { installed, backfill, journal } = result
        return {
          document: { ok: true, installed, backfill, journal, artifact: path },
          text: [
            ...(installed
              ? [`Triggers installed, holding writers up for ${installed.lockMs} ms (attempt ${installed.attempts}).`]
              : []),
            ...backfill.map((b) => `${b.target}: ${b.rows} rows in ${b.seconds.toFixed(1)} s; both sides are in step.`),
            ...journal.map((j) => `journal: ${j.rows} × ${j.reason}`),
            `Next: read ${path}, then crossfade approve sync, then crossfade verify. Keep crossfade worker running.`,
          ],
        }
      })
    })
}
