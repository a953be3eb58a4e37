import { type Followed, isQueueWrite, type OldTable, type WriteEntry } from '../application/activity.ts'

/** What the application's log says about one key. A value that is not listed is not known, not empty. */
export interface WrittenKey {
  /** Tables in which a row of this key was seen by a write to it. */
  readonly seenIn: Set<OldTable>
  readonly deletedFrom: Set<OldTable>
  readonly values: { readonly [table in OldTable]: Map<Followed, string> }
  /** Written by the new name, so at least one old row belongs to it. */
  native: boolean
}

const OLD_TABLES: readonly OldTable[] = ['content_metadata', 'content_generation_metadata_comprehensive']

/**
 * Plays the committed writes to the queue in their order. A write by the new name reaches every old row of its key;
 * one by an old name only its own. A key that was deleted from a table never comes back to it.
 */
export function buildWrittenState(writes: readonly WriteEntry[]): Map<string, WrittenKey> {
  const state = new Map<string, WrittenKey>()
  for (const write of writes.filter(isQueueWrite).sort((a, b) => a.at - b.at)) {
    const key = state.get(write.key) ?? emptyKey()
    state.set(write.key, key)
    const native = write.table === 'content_queue'
    for (const table of native ? OLD_TABLES : [write.table as OldTable]) {
      if (write.kind === 'delete') key.deletedFrom.add(table)
      else if (!native || write.kind === 'insert') key.seenIn.add(table)
      for (const [column, value] of Object.entries(write.set)) key.values[table].set(column as Followed, value)
    }
    if (native) key.native = true
  }
  return state
}

function emptyKey(): WrittenKey {
  return {
    seenIn: new Set(),
    deletedFrom: new Set(),
    values: { content_metadata: new Map(), content_generation_metadata_comprehensive: new Map() },
    native: false,
  }
}
