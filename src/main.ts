#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import pc from 'picocolors'
import { assertCommand, createProgram } from './commands/program.ts'
import { translateStatementError } from './db/connect-errors.ts'
import { CrossfadeError } from './lib/errors.ts'
import { redact } from './lib/redact.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const words = process.argv.slice(2)

// Whoever reads the output may stop reading (`| head`); that is no fault of the command.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

try {
  const program = await createProgram(version, words)
  assertCommand(program, words)
  await program.parseAsync(words, { from: 'user' })
} catch (error) {
  process.exitCode = report(error)
}

/** Known: message and hint. Unknown: the stack, since it is a fault of ours. Returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    // commander has written its message and the usage to stderr.
    if (words.includes('--json')) printDocument({ code: 'usage', message: error.message.replace(/^error: /, '') })
    return 2
  }
  const known = error instanceof CrossfadeError ? error : translateStatementError(error)
  if (!known) {
    process.stderr.write(
      `${redact(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n${pc.dim('This is a fault of Crossfade. Nothing half was left; the same command can be run again.')}\n`,
    )
    if (words.includes('--json'))
      printDocument({ code: 'fault', message: error instanceof Error ? error.message : String(error) })
    return 1
  }
  process.stderr.write(
    redact(`${pc.red('✗')} ${known.message}\n${known.hint ? `  ${known.hint.replaceAll('\n', '\n  ')}\n` : ''}`),
  )
  if (words.includes('--json')) printDocument({ code: known.code, message: known.message, hint: known.hint })
  return known.exitCode
}

function printDocument(error: object): void {
  process.stdout.write(`${redact(JSON.stringify({ ok: false, error }, null, 2))}\n`)
}
