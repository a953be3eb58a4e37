import type { Access } from '../../access.ts'
import type { Place } from '../../interaction.ts'
import type { Site } from '../../style.ts'
import type { Connection } from './kinds.ts'

type Here = Pick<Site, 'place' | 'function'>

interface Mark extends Here {
  readonly kind: 'begin' | 'end'
}

/** Which accesses stand between BEGIN and COMMIT of one connection. */
export interface Transactions {
  note(connection: Connection | null, kind: 'begin' | 'end', here: Here): void
  /** To be asked when the whole program has been walked. */
  settle(connection: Connection | null, access: Access, here: Here): void
}

/**
 * In the function that begins, an access is inside when BEGIN stands before it, and one of the ends after it (there are
 * several: ROLLBACK before an early return, in `catch`). In another function, when the connection was made in the
 * function that begins, and handed over.
 */
export function createTransactions(): Transactions {
  const marks = new Map<string, Mark[]>()
  const keyOf = (connection: Connection | null, { place, function: name }: Here) =>
    connection ? textOf(connection.place) : `${place.file}#${name ?? ''}`
  return {
    note(connection, kind, { place, function: name }) {
      const key = keyOf(connection, { place, function: name })
      const known = marks.get(key) ?? []
      if (!known.some((one) => isSame(one.place, place))) known.push({ kind, place, function: name })
      marks.set(key, known)
    },
    settle(connection, access, here) {
      const known = marks.get(keyOf(connection, here)) ?? []
      const begin = known
        .filter((one) => isSameFunction(one, here) && one.kind === 'begin')
        .findLast((one) => isBefore(one.place, here.place))
      const ends = known.filter((one) => isSameFunction(one, here) && one.kind === 'end')
      if (begin && (ends.length === 0 || ends.some((one) => isBefore(here.place, one.place)))) {
        access.transaction(textOf(begin.place))
        return
      }
      const around = known.find(
        (one) => one.kind === 'begin' && !isSameFunction(one, here) && isMadeWith(connection, one),
      )
      if (around) access.transaction(textOf(around.place))
    },
  }
}

function isMadeWith(connection: Connection | null, { place, function: name }: Here): boolean {
  return connection !== null && connection.place.file === place.file && connection.function === name
}

function isSameFunction(a: Here, b: Here): boolean {
  return a.place.file === b.place.file && a.function === b.function
}

function isSame(a: Place, b: Place): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column
}

function isBefore(a: Place, b: Place): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column)
}

function textOf({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}
