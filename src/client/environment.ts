const SWITCHED_OFF = new Set(['false', '0', 'off', 'no'])

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The most that the environment allows to be read from the new side, in percent (0 to 100).
 *
 * `READ_FROM_NEW` set to false, 0, off or no allows nothing; `READ_FROM_NEW_PERCENTAGE` is an upper
 * bound; a bound that is not a number is handed to `onUnreadable` and ignored. Neither can raise
 * what the control state says. `DUAL_WRITE_ENABLED` has no effect here: both sides are kept in step
 * by the database, not by the application. Read anew at each decision, so that a process that
 * changes its own environment is followed at once.
 */
export function readEnvironmentLimit(environment: Environment, onUnreadable: (message: string) => void): number {
  if (SWITCHED_OFF.has(environment.READ_FROM_NEW?.trim().toLowerCase() ?? '')) return 0
  const bound = environment.READ_FROM_NEW_PERCENTAGE?.trim() ?? ''
  if (bound === '') return 100
  const percent = Number(bound)
  if (Number.isNaN(percent)) {
    onUnreadable(`READ_FROM_NEW_PERCENTAGE is "${bound}", which is not a number: it is ignored`)
    return 100
  }
  return Math.min(100, Math.max(0, percent))
}

/** The environment where there is one; browsers have none, and Deno may not be allowed to read it. */
export function readOwnEnvironment(): Environment {
  const { Deno, process } = globalThis as {
    Deno?: { permissions?: { querySync?(what: { name: 'env' }): { state: string } } }
    process?: { env?: Environment }
  }
  // Reading without the permission would ask the person at the terminal for it.
  if (Deno?.permissions?.querySync?.({ name: 'env' }).state === 'prompt') return {}
  try {
    const { READ_FROM_NEW, READ_FROM_NEW_PERCENTAGE } = process?.env ?? {}
    return { READ_FROM_NEW, READ_FROM_NEW_PERCENTAGE }
  } catch {
    return {}
  }
}
