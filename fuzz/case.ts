/** A history as data: it can be generated from a seed, shrunk, written to a file, and replayed. */

export interface OldColumn {
  readonly name: string
  readonly type: string
  readonly role: 'id' | 'key' | 'link' | 'time' | 'value'
  readonly notNull?: boolean
  /** Of keys and links: what the new side makes of the value. */
  readonly kind?: string
  /** What its values mean to the mapping, so that statements write what is worth writing. */
  readonly values?: 'word' | 'unique' | 'parent'
}

export interface OldTable {
  readonly name: string
  readonly columns: readonly OldColumn[]
  readonly primary: readonly string[]
  /** Columns of a unique key beside the primary one, which upserts name. */
  readonly unique?: readonly string[]
  /** Statements also name its partitions. */
  readonly layout?: 'partitioned'
  /** Triggers of the application with their functions, as DDL. */
  readonly triggers?: readonly string[]
}

export interface NewColumn {
  readonly name: string
  readonly type: string
  readonly values: OldColumn['values'] | 'key' | undefined
}

export interface NewTable {
  readonly name: string
  readonly kind: 'merge' | 'append'
  readonly columns: readonly NewColumn[]
  /** Table constraints, as DDL. */
  readonly constraints: readonly string[]
  readonly key: readonly string[]
  /** The argument of `merge` or `append`. */
  readonly spec: SpecObject
}

export type SpecValue = string | number | boolean | null | readonly SpecValue[] | SpecObject
export interface SpecObject {
  readonly [word: string]: SpecValue
}

export interface Model {
  readonly old: readonly OldTable[]
  readonly new: readonly NewTable[]
  readonly sync: {
    readonly budgetMs: number
    readonly inlineWrites: number
    readonly mode?: Mode
    readonly tables?: { readonly [newTable: string]: { readonly mode: Mode } }
  }
}

export type Mode = 'inline' | 'outbox'
export type Command = 'build' | 'sync' | 'verify' | 'move' | 'rollback' | 'rollback to design' | ModeSwitch
/** `crossfade sync --mode outbox table`; the name is that of a new table. */
export type ModeSwitch = `${Mode}: ${string}`

export type Step =
  /** A session of the application writes; `copy` is what COPY … FROM STDIN gets. */
  | {
      readonly session: number
      readonly sql: string
      readonly side: Side
      readonly kind: string
      readonly copy?: string
    }
  /** A command begins, after those that were given before; `whole`: nothing else happens until it has ended. */
  | { readonly command: Command; readonly whole?: true }
  /** The command that is at work may send so many statements. */
  | { readonly tool: number }
  /** The applier works through what is due, once. */
  | { readonly apply: true }
  /** A backend is terminated: the tool's, the applier's, or that of a session. */
  | { readonly kill: 'tool' | 'applier' | number }
  /** Somebody calls crossfade.rollback() from a console. */
  | { readonly console: 'rollback' }

export type Side = 'old' | 'new'
export type SessionStep = Extract<Step, { session: number }>

export interface Case {
  readonly seed: string
  readonly model: Model
  /** Statements that fill the old tables before anything else. */
  readonly rows: readonly string[]
  /** Statements of each session at its beginning. */
  readonly settings: readonly string[]
  readonly steps: readonly Step[]
}

export interface Failure {
  /** Equal for failures of one cause, as far as that can be told: what shrinking has to keep. */
  readonly kind: string
  readonly detail: string
}
