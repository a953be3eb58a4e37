import type { Command } from 'commander'
import {
  type Acceptance,
  acceptAlways,
  acceptJournal,
  type JournalFilter,
  readAcceptances,
  readJournal,
  retryJournal,
  withdrawAcceptance,
} from '../control/journal.ts'
import { readBuiltState } from '../control/state.ts'
import { UsageError } from '../lib/errors.ts'
import { type Context, changing, command, confirm, type Options, type Output, reading, run } from './context.ts'

interface JournalFlags extends Options {
  readonly all?: true
  readonly sqlstate?: string
  readonly table?: string
  readonly always?: true
}

type Action = 'retry' | 'accept' | 'withdraw'

const ACTIONS: readonly string[] = ['retry', 'accept', 'withdraw'] satisfies Action[]

/** `journal`, `journal retry`, `journal accept`, `journal withdraw`. */
export function addJournalCommand(program: Command): void {
  command(
    program,
    'journal [action]',
    'old rows that the new schema does not take: list them, retry, or accept them by name',
  )
    .option('--all', 'with an action: every entry')
    .option('--always', 'with accept: also entries of this kind that are to come, until withdrawn')
    .option('--sqlstate <code>', 'only entries of this error')
    .option('--table <name>', 'only entries of this new table')
    .action(async (action: string | undefined, options: JournalFlags) => {
      if (action !== undefined && !ACTIONS.includes(action))
        throw new UsageError('journal.action', `journal can't ${action}.`, {
          hint: 'crossfade journal, crossfade journal retry, crossfade journal accept, or crossfade journal withdraw',
        })
      const filter = {
        ...(options.sqlstate ? { sqlstate: options.sqlstate } : {}),
        ...(options.table ? { target: options.table } : {}),
      }
      if (action !== undefined && !options.all && Object.keys(filter).length === 0)
        throw new UsageError('journal.which', `Which entries shall I ${action}?`, {
          hint: '--all, or --sqlstate CODE, or --table NAME',
        })
      if (options.always && (action !== 'accept' || Object.keys(filter).length === 0))
        throw new UsageError('journal.always', 'What may always stay out has to be of a kind.', {
          hint: 'crossfade journal accept --always with --sqlstate CODE, --table NAME, or both',
        })
      await run('journal', options, async (context) =>
        action === undefined
          ? await list(context)
          : await change(context, action as Action, filter, options.always ?? false),
      )
    })
}

async function list(context: Context): Promise<Output> {
  const { reasons, always } = await reading(context, async (session) => {
    await readBuiltState(session)
    return { reasons: await readJournal(session), always: await readAcceptances(session) }
  })
  return {
    document: { ok: true, reasons, always },
    text: [
      ...(reasons.length === 0 ? ['The journal is empty.'] : []),
      ...reasons.flatMap((r) => [
        `${r.rows} × ${r.reason} (${r.sqlstate}${r.source ? `, ${r.source}` : ''} → ${r.target})${r.accepted > 0 ? `, ${r.accepted} accepted` : ''}`,
        `    for example ${r.examples.join(' · ')}`,
      ]),
      ...always.map((a) => `Always accepted by ${a.person}: ${describeKind(a)}.`),
    ],
  }
}

function describeKind({ sqlstate, target }: JournalFilter | Acceptance): string {
  return [sqlstate ? `errors ${sqlstate}` : 'every error', ...(target ? [`of ${target}`] : [])].join(' ')
}

async function change(context: Context, action: Action, filter: JournalFilter, always: boolean): Promise<Output> {
  const who = action === 'accept' ? ` as ${context.person ?? 'nobody'}${always ? ', also those to come' : ''}` : ''
  const what =
    action === 'withdraw' ? 'withdraw what was always to be accepted' : `${action} these entries of the journal${who}`
  const sure = await confirm(context, `${what}?`)
  const rows = !sure
    ? 0
    : await changing(context, `journal ${action}`, async (session) => {
        await readBuiltState(session)
        if (action === 'retry') return await retryJournal(session, filter)
        if (action === 'withdraw') return await withdrawAcceptance(session, filter)
        return await (always ? acceptAlways : acceptJournal)(session, filter, context.person)
      })
  const done = {
    retry: `${rows} keys go through the outbox once more.`,
    accept: `${rows} entries accepted by ${context.person}${always ? `; ${describeKind(filter)} are from now on` : ''}.`,
    withdraw: `${rows} acceptances withdrawn; what they have accepted stays accepted.`,
  }
  return {
    document: { ok: sure, action, rows },
    text: [sure ? done[action] : 'Nothing was changed. Answer in a terminal, or give --yes.'],
    exitCode: sure ? 0 : 1,
  }
}
