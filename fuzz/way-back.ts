import type pg from 'pg'
import { readState } from '../src/control/state.ts'
import type { Commands } from '../test/scenarios/commands.ts'
import { readDefinitions, readLeftovers } from '../test/scenarios/definitions.ts'
import type { Failure } from './case.ts'
import { runCommand } from './tool.ts'

/** To where both sides must be equal, whatever was interrupted on the way. */
export async function climb(commands: Commands, admin: pg.Client): Promise<Failure[]> {
  for (let tries = 0; tries < 4; tries++) {
    const state = await readState(admin)
    if (state?.inSync && state.stage !== 'design' && state.stage !== 'build') return []
    const command = !state || state.stage === 'design' ? 'build' : 'sync'
    try {
      // A build that was killed has indexes to make still.
      if (state?.stage === 'build') await runCommand('build', commands, admin)
      await runCommand(command, commands, admin)
    } catch (error) {
      const { code, message, stack } = error as { code?: string; message: string; stack?: string }
      return [{ kind: `${command} in the end: ${code}`, detail: `${message}\n${stack}` }]
    }
  }
  return []
}

/** After a rollback to the beginning the old side is what it was, and nothing else is there. */
export async function checkWayBack(
  commands: Commands,
  admin: pg.Client,
  definitions: readonly string[],
): Promise<Failure[]> {
  await commands.rollback('design')
  const left = await readLeftovers(admin)
  const now = await readDefinitions(admin, 'public')
  const changed = [
    ...now.filter((line) => !definitions.includes(line)),
    ...definitions.filter((line) => !now.includes(line)),
  ]
  return [
    ...(left.length > 0 ? [{ kind: 'left over', detail: left.join('\n') }] : []),
    ...(changed.length > 0 ? [{ kind: 'definitions', detail: changed.join('\n') }] : []),
  ]
}
