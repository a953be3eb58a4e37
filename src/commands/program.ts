import { Command } from 'commander'
import { UsageError } from '../lib/errors.ts'

type Add = (program: Command) => void

/** Each is loaded when it is needed: all of them take half a second, which a command of one second need not wait for. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  status: async () => (await import('./status.ts')).addStatusCommand,
  init: async () => (await import('./init.ts')).addInitCommand,
  map: async () => (await import('./map.ts')).addMapCommand,
  snapshot: async () => (await import('./snapshot.ts')).addSnapshotCommand,
  overlap: async () => (await import('./overlap.ts')).addOverlapCommand,
  design: async () => (await import('./design.ts')).addDesignCommand,
  check: async () => (await import('./check.ts')).addCheckCommand,
  approve: async () => (await import('./approve.ts')).addApproveCommand,
  build: async () => (await import('./build.ts')).addBuildCommand,
  sync: async () => (await import('./sync.ts')).addSyncCommand,
  verify: async () => (await import('./verify.ts')).addVerifyCommand,
  journal: async () => (await import('./journal.ts')).addJournalCommand,
  shadow: async () => (await import('./shadow.ts')).addShadowCommand,
  reads: async () => (await import('./reads.ts')).addReadsCommand,
  move: async () => (await import('./move.ts')).addMoveCommand,
  finish: async () => (await import('./finish.ts')).addFinishCommand,
  rollback: async () => (await import('./rollback.ts')).addRollbackCommand,
  worker: async () => (await import('./worker.ts')).addWorkerCommand,
  pause: async () => (await import('./pause.ts')).addPauseCommand,
  resume: async () => (await import('./pause.ts')).addResumeCommand,
  types: async () => (await import('./types.ts')).addTypesCommand,
  codemod: async () => (await import('./codemod.ts')).addCodemodCommand,
  demo: async () => (await import('./demo.ts')).addDemoCommand,
}

/** All commands, or the one alone that the words name. `crossfade` alone is `crossfade status`. */
export async function createProgram(version: string, [word]: readonly string[] = []): Promise<Command> {
  const program = new Command('crossfade')
    .description('Moves a live application on Postgres from a schema grown wild to a consolidated one.')
    .version(version)
    .exitOverride()
    .showHelpAfterError()
  const only = word !== undefined && Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  for (const load of only ? [only] : Object.values(COMMANDS)) {
    const add = await load()
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
