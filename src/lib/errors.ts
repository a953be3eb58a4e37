/**
 * Known mistakes carry a message (what and why), a hint (what to do) and an exit code; they are
 * printed without a stack. Anything else is a bug of ours and shows its stack.
 */
export type ExitCode = 1 | 2 | 3 | 130

export interface ErrorDetails {
  readonly hint?: string
  readonly cause?: unknown
}

export class CrossfadeError extends Error {
  readonly code: string
  readonly exitCode: ExitCode
  readonly hint: string | undefined

  constructor(code: string, exitCode: ExitCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.code = code
    this.exitCode = exitCode
    this.hint = details.hint
  }
}

/** The check that a command made did not hold, or a gate is closed. */
export class RefusedError extends CrossfadeError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, 1, message, details)
  }
}

/** Wrong usage or configuration. */
export class UsageError extends CrossfadeError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, 2, message, details)
  }
}

/** The database can't be reached, or refused. */
export class DatabaseError extends CrossfadeError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, 3, message, details)
  }
}

export class InterruptedError extends CrossfadeError {
  constructor(message: string, details?: ErrorDetails) {
    super('interrupted', 130, message, details)
  }
}
