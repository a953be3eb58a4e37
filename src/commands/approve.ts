import type { Command } from 'commander'
import { readCheckedDesign } from '../check/checked-design.ts'
import { RefusedError, UsageError } from '../lib/errors.ts'
import { approve, assertGateName, showGate } from '../lifecycle/approve.ts'
import { command, confirm, type Options, reading, run } from './context.ts'

export function addApproveCommand(program: Command): void {
  command(
    program,
    'approve <gate>',
    'approve what a stage has shown: design, build, sync, verify, reads, move, finish, or drift: changes of the old tables',
  ).action(async (name: string, options: Options) => {
    const gate = assertGateName(name)
    await run(`approve ${gate}`, options, async (context) => {
      const project = await context.project()
      if (!context.person) {
        throw new UsageError('approve.person', 'An approval carries a name, and git knows none here.', {
          hint: 'git config user.name "…" and user.email "…", or GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL.',
        })
      }
      const person = context.person
      return await reading(context, async (session) => {
        const shown = await showGate(session, project, gate, () => readCheckedDesign(session, project))
        const names = shown.artifacts.map((artifact) => `${project.outDir}/${artifact.name}`)
        context.log.info(`To approve: ${names.join(', ')}`)
        if (!(await confirm(context, `${person}: do you approve exactly this?`))) {
          throw new RefusedError('approve.declined', 'Nothing was approved.', {
            hint: 'Read the files, then approve in a terminal, or with --yes.',
          })
        }
        const required = project.config.approvals?.[gate] ?? 1
        const approvers = await approve(session, shown, person, required)
        return {
          document: { ok: true, gate, sha256: shown.hash, approvers, required, artifacts: names },
          text: [
            `Gate "${gate}": ${approvers.length} of ${required} approvals (${approvers.join(', ')}).`,
            ...(approvers.length >= required ? ['crossfade status names the next command.'] : []),
          ],
        }
      })
    })
  })
}
