import type { Command } from 'commander'
import { STAGES } from '../control/state.ts'
import { UsageError } from '../lib/errors.ts'
import { type RollbackResult, rollback } from '../lifecycle/rollback.ts'
import { command, type Options, reading, run } from './context.ts'

export function addRollbackCommand(program: Command): void {
  command(program, 'rollback', 'go back one stage, at once; needs no approval')
    .option('--to <stage>', 'go back as far as this stage')
    .action(async (options: Options & { to?: string }) => {
      const to = options.to === undefined ? null : (STAGES.find((stage) => stage === options.to) ?? null)
      if (options.to !== undefined && to === null)
        throw new UsageError('rollback.stage', `There is no stage ${JSON.stringify(options.to)}.`, {
          hint: `Stages are: ${STAGES.join(', ')}.`,
        })
      await run('rollback', options, async (context) => {
        const result = await reading(context, (session) => rollback(session, to))
        return {
          document: { ok: true, ...result },
          text: [
            describe(result),
            ...result.notes.map((note) => `  ! ${note}`),
            ...result.unmarked.map(
              (path) => `  ! ${path} is not marked as applied any more: delete it, or the migration tool runs it here.`,
            ),
          ],
        }
      })
    })
}

function describe({ from, to, ms }: RollbackResult): string {
  if (from === 'finish')
    return 'The archived tables are back under their old names, as they were at finish; rows written since are in the new tables alone, and nothing keeps the two in step.'
  if (from === to) return 'There is nothing to roll back.'
  return `Back from "${from}" to "${to}" in ${ms} ms.`
}
