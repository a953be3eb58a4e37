import type { Command } from 'commander'
import { acceptJournal, type JournalFilter, readJournal, retryJournal } from '../control/journal.ts'
import { readBuiltState } from '../control/state.ts'
import { UsageError } from '../lib/errors.ts'
import { type Context, changing, command, confirm, type Options, type Output, reading, run } from './context.ts'

interface JournalFlags extends Options {
  readonly all?: true
  readonly sqlstate?: string
  readonly table?: string
}

/** `journal`, `journal retry`, `journal accept`. */
export function addJournalCommand(program: Command): void {
  command(
    program,
    'journal [action]',
    'old rows that the new schema does not take: list them, retry, or accept them by name',
  )
    .option('--all', 'with retry or accept: every entry')
    .option('--sqlstate <code>', 'only entries of this error')
    .option('--table <name>', 'only entries of this new table')
    .action(async (action: string | undefined, options: JournalFlags) => {
      if (action !== undefined && action !== 'retry' && action !== 'accept')
        throw new UsageError('journal.action', `journal can't ${action}.`, {
          hint: 'crossfade journal, crossfade journal retry, or crossfade journal accept',
        })
      const filter = {
        ...(options.sqlstate ? { sqlstate: options.sqlstate } : {}),
        ...(options.table ? { target: options.table } : {}),
      }
      if (action !== undefined && !options.all && Object.keys(filter).length === 0)
        throw new UsageError('journal.which', `Which entries shall I ${action}?`, {
          hint: '--all, or --sqlstate CODE, or --table NAME',
        })
      await run('journal', options, async (context) =>
        action === undefined ? await list(context) : await change(context, action, filter),
      )
    })
}

async function list(context: Context): Promise<Output> {
  const reasons = await reading(context, async (session) => {
    await readBuiltState(session)
    return await readJournal(session)
  })
  return {
    document: { ok: true, reasons },
    text:
      reasons.length === 0
        ? ['The journal is empty.']
        : reasons.flatMap((r) => [
            `${r.rows} × ${r.reason} (${r.sqlstate}${r.source ? `, ${r.source}` : ''} → ${r.target})${r.accepted > 0 ? `, ${r.accepted} accepted` : ''}`,
            `    for example ${r.examples.join(' · ')}`,
          ]),
  }
}

async function change(context: Context, action: 'retry' | 'accept', filter: JournalFilter): Promise<Output> {
  const sure = await confirm(
    context,
    `${action} these entries of the journal${action === 'accept' ? ` as ${context.person ?? 'nobody'}` : ''}?`,
  )
  const rows = !sure
    ? 0
    : await changing(context, `journal ${action}`, async (session) => {
        await readBuiltState(session)
        return action === 'retry'
          ? await retryJournal(session, filter)
          : await acceptJournal(session, filter, context.person)
      })
  return {
    document: { ok: sure, action, rows },
    text: [
      !sure
        ? 'Nothing was changed. Answer in a terminal, or give --yes.'
        : action === 'retry'
          ? `${rows} keys go through the outbox once more.`
          : `${rows} entries accepted by ${context.person}.`,
    ],
    exitCode: sure ? 0 : 1,
  }
}
