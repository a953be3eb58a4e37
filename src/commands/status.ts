import type { Command } from 'commander'
import { readStatus } from '../lifecycle/status.ts'
import { command, type Options, reading, run } from './context.ts'

export function addStatusCommand(program: Command): void {
  // Also what `crossfade` alone does.
  const status = command(program, 'status', 'where you are, the evidence, the next command, the undo', {
    isDefault: true,
  })
  status.action(async (options: Options): Promise<void> => {
    await run('status', options, async (context) => {
      const status = await reading(context, readStatus)
      return {
        document: { ok: true, ...status },
        text: [
          `Stage: ${status.stage}`,
          ...status.evidence.map((line) => `  ${line}`),
          ...status.warnings.map((line) => `  ! ${line}`),
          `Next:  ${status.next}`,
          `Undo:  ${status.undo ?? 'there is nothing to undo'}`,
        ],
      }
    })
  })
}
