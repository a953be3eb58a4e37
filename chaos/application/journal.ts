import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs'

/** What one transaction of the application does, as its journal tells it. `order` is the number of an order (or account). */
export type Effect =
  | { readonly do: 'set'; readonly field: Field; readonly order: number; readonly value: string }
  | { readonly do: 'add'; readonly counter: Counter; readonly order: number }
  | { readonly do: 'insert' | 'delete'; readonly what: Thing; readonly order: number; readonly tag?: string }

/** Each is written by one process alone, so its last acknowledged value is known. */
export type Field = 'title' | 'note' | 'paid' | 'name'
/** Written by all, on a few hot orders: a lost update shows in the sum. */
export type Counter = 'hits' | 'calls'
export type Thing = 'order' | 'click' | 'visit'

/** Where a transaction stands: said to begin its commit, acknowledged, or known to be undone. */
export type Line =
  | { readonly intent: number; readonly effects: readonly Effect[] }
  | { readonly acked: number }
  | { readonly undone: number }

/**
 * The application's own memory of what the database has acknowledged, outside the database. One file for each process;
 * a line is in the operating system's hands before the next statement is sent, so no kill of a process loses one.
 */
export class Journal {
  readonly #file: number
  #next: number

  constructor(path: string) {
    this.#next =
      readJournal(path).reduce((last, line) => ('intent' in line ? Math.max(last, line.intent) : last), 0) + 1
    this.#file = openSync(path, 'a')
  }

  /** A number that this process has never used before. */
  get next(): number {
    return this.#next
  }

  intend(effects: readonly Effect[]): number {
    const intent = this.#next++
    this.#write({ intent, effects })
    return intent
  }

  acknowledge(intent: number): void {
    this.#write({ acked: intent })
  }

  undo(intent: number): void {
    this.#write({ undone: intent })
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
  }
}

export function readJournal(path: string): Line[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  // A kill may have cut the last line; a transaction whose intent is not whole has not sent its commit.
  return lines.flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Line]
    } catch {
      return []
    }
  })
}

/** As `key_of` in old.sql. */
export function keyOf(kind: 'order' | 'account', number: number): string {
  const hash = createHash('md5').update(`${kind}${number}`).digest('hex')
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** As orders_phone writes it. */
export function refOf(order: number): string {
  const key = keyOf('order', order)
  return order % 3 === 0 ? key.toUpperCase() : key
}
