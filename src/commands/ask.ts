import { createInterface } from 'node:readline/promises'
import { InterruptedError } from '../lib/errors.ts'

/** Whether somebody is there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** What a person types, without blanks around it; '' for Enter and for the end of the input. Throws InterruptedError at Ctrl-C. */
export async function ask(question: string, interrupted: AbortSignal): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const stop = new AbortController()
  prompt.on('SIGINT', () => stop.abort())
  try {
    const answer = await prompt.question(question, { signal: AbortSignal.any([interrupted, stop.signal]) })
    return answer.trim()
  } catch (error) {
    process.stderr.write('\n')
    if (interrupted.aborted || stop.signal.aborted)
      throw new InterruptedError('Interrupted before an answer; nothing was changed.', { cause: error })
    // Ctrl-D
    if (error instanceof Error && error.name === 'AbortError') return ''
    throw error
  } finally {
    prompt.close()
  }
}
