import type { Command } from 'commander'
import { applyPause, applyResume } from '../control/pause.ts'
import { readBuiltState } from '../control/state.ts'
import { command, type Options, reading, run } from './context.ts'

export function addPauseCommand(program: Command): void {
  command(program, 'pause', 'have backfill and worker stand still, until crossfade resume')
    .option('--reason <text>', 'what status shows')
    .action(async (options: Options & { reason?: string }) => {
      await run('pause', options, async (context) => {
        await reading(context, async (session) => {
          await readBuiltState(session)
          await applyPause(session, context.person, options.reason ?? null)
        })
        return {
          document: { ok: true, paused: true },
          text: [
            'Backfill and worker stand still within about a second. Writes by either name go on.',
            'Keys that come to the outbox meanwhile wait, and reads go back to the old side while they do.',
            'Undo: crossfade resume',
          ],
        }
      })
    })
}

export function addResumeCommand(program: Command): void {
  command(program, 'resume', 'have backfill and worker go on').action(async (options: Options) => {
    await run('resume', options, async (context) => {
      const was = await reading(context, async (session) => {
        await readBuiltState(session)
        return await applyResume(session, context.person)
      })
      return {
        document: { ok: true, paused: false, wasPaused: was },
        text: [was ? 'Backfill and worker go on.' : 'Nobody had paused them.'],
      }
    })
  })
}
