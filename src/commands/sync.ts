import type { Command } from 'commander'
import { writeArtifact } from '../control/project.ts'
import { readBuiltState } from '../control/state.ts'
import { UsageError } from '../lib/errors.ts'
import { buildScript } from '../lifecycle/build.ts'
import { sync } from '../lifecycle/sync.ts'
import { planSwitch, setSyncMode } from '../lifecycle/sync-mode.ts'
import type { SyncMode } from '../spec/config.ts'
import { planLineageIndexes, planSync } from '../sqlgen/plan.ts'
import { changing, command, type Options, reading, run, workOf } from './context.ts'
import { describeStatements } from './statements.ts'

export function addSyncCommand(program: Command): void {
  command(program, 'sync [tables...]', 'keep both sides in step from now on, and bring the existing rows')
    .option('--mode <mode>', 'inline or outbox, for these new tables, at once; nothing else is done')
    .option('--dry-run', 'print every statement with its lock and its undo; change nothing')
    .action(async (tables: string[], options: Options & { dryRun?: true; mode?: string }) => {
      const mode = readMode(tables, options.mode)
      if (mode !== null) return await switchMode(tables, mode, options)
      await run('sync', options, async (context) => {
        const project = await context.project()
        if (options.dryRun) {
          const { mapping } = await reading(context, readBuiltState)
          const statements = [...planSync(mapping), ...planLineageIndexes(mapping)]
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

function readMode(tables: readonly string[], mode: string | undefined): SyncMode | null {
  if (mode === 'inline' || mode === 'outbox') return mode
  if (mode === undefined && tables.length === 0) return null
  throw new UsageError(
    'sync.mode',
    mode === undefined ? 'sync takes all tables.' : `${JSON.stringify(mode)} is no mode.`,
    {
      hint: 'To change how writes reach a new table: crossfade sync --mode outbox <table>, or --mode inline.',
    },
  )
}

/** Needs no approval: what reaches the new tables is the same, only when differs. */
async function switchMode(tables: string[], mode: SyncMode, options: Options & { dryRun?: true }): Promise<void> {
  await run('sync', options, async (context) => {
    if (options.dryRun) {
      const { mapping } = await reading(context, readBuiltState)
      const statements = planSwitch(mapping, tables, mode)
      return { document: { ok: true, statements: describeStatements(statements) }, text: [buildScript(statements)] }
    }
    const result = await changing(context, `sync --mode ${mode} ${tables.join(' ')}`, async (session) =>
      setSyncMode(session, await workOf(context, session), tables, mode),
    )
    const other = mode === 'inline' ? 'outbox' : 'inline'
    return {
      document: { ok: true, ...result },
      text: [
        `${tables.join(', ')}: ${mode === 'outbox' ? 'writes by old names only note their keys; keep crossfade worker running.' : 'writes by old names are applied in their own transaction.'}`,
        `Undo, at once: crossfade sync --mode ${other} ${tables.join(' ')}`,
      ],
    }
  })
}
