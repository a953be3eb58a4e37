import type { Command } from 'commander'
import { writeArtifact } from '../control/project.ts'
import { UsageError } from '../lib/errors.ts'
import { verifyAll } from '../lifecycle/verify.ts'
import { changing, command, type Options, run, workOf } from './context.ts'

interface VerifyFlags extends Options {
  readonly samples: string
  readonly workers: string
  readonly repair?: true
  readonly showValues?: true
}

export function addVerifyCommand(program: Command): void {
  command(program, 'verify', 'compare every row and every column of both sides; exit code 1 when anything differs')
    .option('--samples <n>', 'random rows that are compared one by one first', '100')
    .option('--workers <n>', 'connections that compare', '2')
    .option('--repair', 'have what differs computed again, then verify once more')
    .option('--show-values', 'show values in examples, not only their kind and size')
    .action(async (options: VerifyFlags) => {
      const [samples, workers] = [count(options.samples, '--samples'), count(options.workers, '--workers')]
      await run('verify', options, async (context) => {
        const project = await context.project()
        const flags = { samples, workers, repair: options.repair === true, showValues: options.showValues === true }
        const result = await changing(context, 'verify', async (session) =>
          verifyAll(session, await workOf(context, session), flags),
        )
        const path = await writeArtifact(project, 'VERIFY_REPORT.md', result.artifact)
        return {
          document: { ok: result.clean, results: result.results, artifact: path },
          text: [
            ...result.results.map(
              (r) =>
                `${r.target}: ${r.full.rows} rows compared in every column: ${r.full.missing} missing, ${r.full.extra} extra, ${r.full.differing} differing.`,
            ),
            ...result.results.flatMap((r) =>
              r.counts.sources.map(
                (s) =>
                  `  ${s.source}: ${s.oldRows} old rows = ${s.merged} merged + ${s.own} own + ${s.leftOut} left out + ${s.journaled} journaled${s.waiting ? ` + ${s.waiting} waiting` : ''}${s.lost ? ` + ${s.lost} LOST` : ''}`,
              ),
            ),
            result.clean
              ? `Both sides agree. Report: ${path}`
              : `The sides differ. Report: ${path}. To have the differing rows computed again: crossfade verify --repair`,
          ],
          exitCode: result.clean ? 0 : 1,
        }
      })
    })
}

function count(text: string, flag: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0) return value
  throw new UsageError('verify.number', `${flag} ${text} is not a whole number.`, { hint: `For example: ${flag} 100` })
}
