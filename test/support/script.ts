import { type ParseArgsConfig, parseArgs } from 'node:util'
import { CrossfadeError, UsageError } from '../../src/lib/errors.ts'

/**
 * The options of a script for developers (bench, chaos, fuzz, rules), as `parseArgs` has them. Throws UsageError with `usage` as
 * its hint for an option that there is none of, and for `--help`.
 */
export function readScriptOptions<const T extends ParseArgsConfig>(
  args: readonly string[],
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (args.includes('--help')) throw new UsageError('script.help', 'Usage:', { hint: usage })
  try {
    return parseArgs<T>({ ...config, args: [...args] })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UsageError('script.option', error.message.replace(/\. .*|\.?$/s, '.'), { hint: usage, cause: error })
  }
}

/** A whole number that is at least `least`; throws UsageError. */
export function readWhole(option: string, text: string, least = 0): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
  throw new UsageError('script.number', `${option} takes a whole number from ${least} on, not ${JSON.stringify(text)}.`)
}

/** What `fn` returns; what a person did wrong is a line with a hint and ends the process with its exit code. */
export function orExit<T>(fn: () => T): T {
  try {
    return fn()
  } catch (error) {
    if (!(error instanceof CrossfadeError)) throw error
    console.error([error.message, error.hint].filter(Boolean).join('\n'))
    process.exit(error.exitCode)
  }
}
