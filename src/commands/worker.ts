import type { Command } from 'commander'
import { runWorker } from '../sync/worker.ts'
import { command, type Options, reading, run, workOf } from './context.ts'

export function addWorkerCommand(program: Command): void {
  command(program, 'worker', 'drain the outbox until stopped; run it from sync to finish').action(
    async (options: Options) => {
      await run('worker', options, async (context) => {
        const work = await reading(context, (session) => workOf(context, session))
        context.log.info('draining the outbox; Ctrl-C stops')
        const applied = await runWorker(work)
        return { document: { ok: true, applied }, text: [`${applied} keys applied.`] }
      })
    },
  )
}
