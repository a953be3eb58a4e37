import { Command } from 'commander'
import { UsageError } from '../lib/errors.ts'
import { addApproveCommand } from './approve.ts'
import { addBuildCommand } from './build.ts'
import { addDemoCommand } from './demo.ts'
import { addFinishCommand } from './finish.ts'
import { addJournalCommand } from './journal.ts'
import { addMapCommand } from './map.ts'
import { addMoveCommand } from './move.ts'
import { addOverlapCommand } from './overlap.ts'
import { addPauseCommand, addResumeCommand } from './pause.ts'
import { addReadsCommand } from './reads.ts'
import { addRollbackCommand } from './rollback.ts'
import { addSnapshotCommand } from './snapshot.ts'
import { addStatusCommand } from './status.ts'
import { addSyncCommand } from './sync.ts'
import { addVerifyCommand } from './verify.ts'
import { addWorkerCommand } from './worker.ts'

/** All commands. `crossfade` alone is `crossfade status`. */
export function createProgram(version: string): Command {
  const program = new Command('crossfade')
    .description('Moves a live application on Postgres from a schema grown wild to a consolidated one.')
    .version(version)
    .exitOverride()
    .showHelpAfterError()
  for (const add of [
    addStatusCommand,
    addMapCommand,
    addSnapshotCommand,
    addOverlapCommand,
    addApproveCommand,
    addBuildCommand,
    addSyncCommand,
    addVerifyCommand,
    addJournalCommand,
    addReadsCommand,
    addMoveCommand,
    addFinishCommand,
    addRollbackCommand,
    addWorkerCommand,
    addPauseCommand,
    addResumeCommand,
    addDemoCommand,
  ]) {
    add(program)
  }
  return program
}

/** Throws UsageError for a word that is no command; commander would take it for an argument of the default one. */
export function assertCommand(program: Command, words: readonly string[]): void {
  const [word] = words
  if (word === undefined || word.startsWith('-') || word === 'help') return
  const names = program.commands.map((command) => command.name())
  if (names.includes(word)) return
  throw new UsageError('command.unknown', `There is no command ${JSON.stringify(word)}.`, {
    hint: `Commands are: ${names.join(', ')}.`,
  })
}
