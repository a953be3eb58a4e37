import type { Command } from 'commander'
import { UsageError } from '../lib/errors.ts'
import { writeFinalSchema } from '../lifecycle/final-schema.ts'
import { finish } from '../lifecycle/finish.ts'
import { recordFinish, tellRecorded } from '../lifecycle/migration-files.ts'
import { assertRecordable } from '../migrations/record-migration.ts'
import { changing, command, type Options, run, workOf } from './context.ts'

interface FinishFlags extends Options {
  readonly iHaveABackup?: true
  readonly quietDays?: string
  readonly rehearsalSeconds?: string
  readonly migration?: true
}

export function addFinishCommand(program: Command): void {
  command(program, 'finish', 'verify, rehearse, and move the old tables to the archive')
    .option('--i-have-a-backup', 'you have a backup, and have restored it once')
    .option('--quiet-days <days>', 'days without a write by an old name; default 7')
    .option(
      '--rehearsal-seconds <seconds>',
      "how long the application's rights on the old tables are taken away before; default 300",
    )
    .option('--migration', 'put what it did into the folder of your migrations, too, and mark that as applied here')
    .action(async (options: FinishFlags) => {
      await run('finish', options, async (context) => {
        const project = await context.project()
        const { result, migration, recorded } = await changing(context, 'finish', async (session) => {
          if (options.migration) await assertRecordable(session, project, 'finish')
          const result = await finish(session, project, await workOf(context, session), {
            quietDays: number(options.quietDays, '--quiet-days', project.config.finish?.quietDays ?? 7),
            rehearsalSeconds: number(
              options.rehearsalSeconds,
              '--rehearsal-seconds',
              project.config.finish?.rehearsalSeconds ?? 300,
            ),
            haveBackup: options.iHaveABackup === true,
          })
          // In the same run: until it is written, the run has not ended, and the same command goes on.
          const migration = await writeFinalSchema(context.url, project)
          return { result, migration, recorded: options.migration ? await recordFinish(session, project) : null }
        })
        return {
          document: { ok: true, ...result, migration, ...(recorded ? { recorded } : {}) },
          text: [
            result.attempts === 0
              ? `The old tables were in ${result.archive} already; what was left to do is done.`
              : `The old tables are in ${result.archive}; the transaction took ${result.lockMs} ms (attempt ${result.attempts}).`,
            ...result.repointed.map((what) => `Reads or references the new tables now: ${what}`),
            `Baseline migration: ${migration}`,
            ...(recorded ? [tellRecorded(recorded)] : []),
            'crossfade rollback brings the archive back.',
          ],
        }
      })
    })
}

function number(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (text.trim() !== '' && value >= 0) return value
  throw new UsageError('finish.number', `${flag} ${text} is not a number.`, { hint: `For example: ${flag} 7` })
}
