import type { Command } from 'commander'
import { writeArtifact } from '../control/project.ts'
import { UsageError } from '../lib/errors.ts'
import { setReads } from '../lifecycle/ramp.ts'
import { changing, command, type Options, run } from './context.ts'

export function addReadsCommand(program: Command): void {
  command(program, 'reads <percent>', 'how much of the reads the new tables answer: 0, 1, 10, 25, 50 or 100 percent')
    .option('--dwell <hours>', 'how long a step stays before the next', '24')
    .action(async (text: string, options: Options & { dwell: string }) => {
      const [percent, dwell] = [Number(text), Number(options.dwell)]
      if (text.trim() === '' || !Number.isInteger(percent))
        throw new UsageError('reads.percent', `${JSON.stringify(text)} is not a percentage.`, {
          hint: 'For example: crossfade reads 10',
        })
      if (!(dwell >= 0))
        throw new UsageError('reads.dwell', `--dwell ${options.dwell} is not a number of hours.`, {
          hint: 'For example: --dwell 24',
        })
      await run(`reads ${percent}`, options, async (context) => {
        const project = await context.project()
        const result = await changing(context, `reads ${percent} %`, (session) =>
          setReads(session, project, percent, dwell),
        )
        if (result.to === 100) await writeArtifact(project, 'READS_REPORT.md', result.artifact)
        return {
          document: { ok: true, from: result.from, to: result.to, nextAt: result.nextAt },
          text: [
            `${result.to} % of the reads come from the new tables now (it was ${result.from} %).`,
            ...(result.nextAt && dwell > 0 ? [`The next step is allowed from ${result.nextAt}.`] : []),
            'Undo, at once: crossfade rollback',
          ],
        }
      })
    })
}
