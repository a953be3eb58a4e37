import type { Command } from 'commander'
import { acceptMismatches, forgetMismatches, type MismatchFilter, setShadow } from '../control/reads.ts'
import { readBuiltState } from '../control/state.ts'
import { UsageError } from '../lib/errors.ts'
import { describeReads, isOpen, readReadsEvidence } from '../lifecycle/reads-page.ts'
import { type Context, changing, command, confirm, type Options, type Output, reading, run } from './context.ts'

interface ShadowFlags extends Options {
  readonly all?: true
  readonly id?: string
  readonly table?: string
}

type Action = 'accept' | 'forget'

/** `shadow`, `shadow <percent>`, `shadow accept`, `shadow forget`. */
export function addShadowCommand(program: Command): void {
  command(
    program,
    'shadow [what]',
    'reads that clients compare on both sides: list what differs, accept it by name or forget it, or say how many percent at most',
  )
    .option('--all', 'with accept or forget: every mismatch')
    .option('--id <number>', 'with accept or forget: this one')
    .option('--table <name>', 'with accept or forget: those of this old table')
    .action(async (what: string | undefined, options: ShadowFlags) => {
      const percent = what === undefined || isAction(what) ? null : readPercent(what)
      const filter = isAction(what) ? readFilter(what, options) : {}
      await run('shadow', options, async (context) => {
        if (percent !== null) return await limit(context, percent)
        return isAction(what) ? await change(context, what, filter) : await list(context)
      })
    })
}

function isAction(what: string | undefined): what is Action {
  return what === 'accept' || what === 'forget'
}

function readPercent(text: string): number {
  const percent = Number(text)
  if (text.trim() !== '' && percent >= 0 && percent <= 100) return percent
  throw new UsageError('shadow.what', `shadow can't ${text}.`, {
    hint: 'crossfade shadow, crossfade shadow accept, crossfade shadow forget, or a percentage: crossfade shadow 1',
  })
}

function readFilter(action: Action, { all, id, table }: ShadowFlags): MismatchFilter {
  if (!all && id === undefined && table === undefined)
    throw new UsageError('shadow.which', `Which mismatches shall I ${action}?`, {
      hint: '--all, or --id NUMBER, or --table NAME; crossfade shadow lists them',
    })
  if (id !== undefined && !/^\d{1,15}$/.test(id))
    throw new UsageError('shadow.id', `--id ${id} is not the number of a mismatch.`, {
      hint: 'crossfade shadow lists them, each with its number',
    })
  return { ...(id === undefined ? {} : { id: Number(id) }), ...(table === undefined ? {} : { table }) }
}

async function list(context: Context): Promise<Output> {
  const evidence = await reading(context, async (session) => {
    await readBuiltState(session)
    return await readReadsEvidence(session)
  })
  const open = evidence.mismatches.filter(isOpen).length
  return {
    document: { ok: open === 0, open, ...evidence },
    text: [
      ...describeReads(evidence),
      ...(open === 0
        ? []
        : [`${open} mismatches are open. Correct the mapping or the code, or: crossfade shadow accept --id NUMBER`]),
    ],
    exitCode: open === 0 ? 0 : 1,
  }
}

async function limit(context: Context, percent: number): Promise<Output> {
  await changing(context, `shadow ${percent} %`, async (session) => {
    await readBuiltState(session)
    await setShadow(session, percent)
  })
  return {
    document: { ok: true, percent },
    text: [
      percent === 0
        ? 'No client compares reads any more.'
        : `Clients compare what they draw, of at most ${percent} % of the reads.`,
    ],
  }
}

async function change(context: Context, action: Action, filter: MismatchFilter): Promise<Output> {
  const who = action === 'accept' ? ` as ${context.person ?? 'nobody'}` : ''
  const sure = await confirm(context, `${action} these mismatches${who}?`)
  const rows = !sure
    ? 0
    : await changing(context, `shadow ${action}`, async (session) => {
        await readBuiltState(session)
        if (action === 'forget') return await forgetMismatches(session, filter)
        return await acceptMismatches(session, filter, context.person)
      })
  const done = {
    accept: `${rows} mismatches accepted by ${context.person}.`,
    forget: `${rows} mismatches forgotten; what differs again is back.`,
  }
  return {
    document: { ok: sure, action, rows },
    text: [sure ? done[action] : 'Nothing was changed. Answer in a terminal, or give --yes.'],
    exitCode: sure ? 0 : 1,
  }
}
