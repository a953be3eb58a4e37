/**
 * The mapping, as a person writes it in `crossfade.config.ts`. Expressions are SQL over the columns
 * of the source row (`from`) or of the new row (`back`), in the names that those tables have.
 * Functions and operators outside pg_catalog are written with their schema.
 */

/** SQL text. */
export type Expression = string

export interface ColumnSpec {
  /** Computes the new column from the source row. */
  readonly from: Expression
  /**
   * Computes the old column from the new row, for native writes and for the compat view.
   * Plain columns and casts of them are inverted by themselves; `false` says that there is no way back.
   */
  readonly back?: Expression | { readonly [oldColumn: string]: Expression } | false
}

/** Old words and the new ones that they become. What isn't in the list: into the journal (default), kept as it is, or this word. */
export interface VocabularySpec {
  /** The old column, or an expression; default: the old column of the same name. */
  readonly from?: Expression
  readonly values: { readonly [oldWord: string]: string }
  readonly unknown?: 'journal' | 'keep' | { readonly as: string | null }
}

/** A value that another table knows: the row of `via` in which `on` is the same gives `take`. */
export interface Via {
  readonly via: string
  /** The column that both have, or one expression for each side. */
  readonly on: Expression | { readonly from: Expression; readonly to: Expression }
  /** SQL over the row of `via`, one for each key column; or the next link of a chain. */
  readonly take: Expression | readonly Expression[] | Omit<Via, 'otherwise'>
  /** Where several rows are found: `latest by posted_at`, `earliest by id`. Default: the first by what tells them apart. */
  readonly pick?: string
  /**
   * Where none is found: into the journal (default), left out by rule, or a key made of the link's value, always the same
   * (`generate`; the key must be a uuid or a text). A column may also stay empty (`null`).
   */
  readonly otherwise?: 'journal' | 'omit' | 'generate' | 'null'
}

/** What happens where the new schema's foreign key finds no parent row. */
export type ParentSpec = 'journal' | 'stub' | { readonly stub: { readonly [parentColumn: string]: Expression } }

interface SourceSpec {
  /** Rows for which this is not true are left out by rule. */
  readonly where?: Expression
  /** Only what differs: columns of the same name map by themselves. `false` leaves a column of that name unmapped. */
  readonly columns?: { readonly [newColumn: string]: Expression | ColumnSpec | VocabularySpec | Via | false }
  /**
   * Old columns that a native insert needs and no new column gives back by itself, computed from the new row: those of a
   * key that is an expression, for example.
   */
  readonly back?: { readonly [oldColumn: string]: Expression }
  /**
   * Where the parent is missing: the row waits in the journal until it comes (default), or a parent is made from what
   * this row knows (`stub`). For all new tables that it references, or by their names.
   */
  readonly parent?: ParentSpec | { readonly [newTable: string]: ParentSpec }
}

export interface MergeSource extends SourceSpec {
  /** One expression per key column, in the key's order; or where it is found. A text column is cast safely: what is no such value has no key. */
  readonly key?: Expression | readonly Expression[] | Via
  /** What becomes of a row without a key: into the journal (default), or left out by rule. */
  readonly otherwise?: 'journal' | 'omit'
  /** Where several rows of this source have one key: the one with the greatest value of this column feeds the new row. */
  readonly latestBy?: string
}

/** A source of which each row becomes a row of its own; what tells its rows apart is the key. */
export interface AppendSource extends SourceSpec {}

export interface MergeColumn {
  /** SQL over nothing but constants: what the column holds where no source has a value. */
  readonly otherwise?: Expression
  /**
   * Whose value counts: of the first source that has one (default), of the first source that has a row (`first row`), or of the
   * row that was changed last (`latest by updated_at`, a column of each source).
   */
  readonly pick?: string
  /** The order of precedence of this column, where it is another one than that of the sources. */
  readonly sources?: readonly string[]
  /** SQL over the old columns of all sources, each with its table: `greatest(a.likes, b.likes)`. */
  readonly from?: Expression
  /** Computes old columns from the new row: `{ a: { likes: 'likes' } }`. Without it a native change is refused. */
  readonly back?: { readonly [source: string]: { readonly [oldColumn: string]: Expression } }
}

/** Which of several new rows keeps a value that the new schema wants unique; the others go to the journal, or are left out. */
export interface UniqueSpec {
  /** `latest by posted_at`, `earliest by created_at`, over new columns. Default, and among equals: the smallest key. */
  readonly pick?: string
  readonly otherwise?: 'journal' | 'omit'
}

export interface MergeSpec {
  readonly key: string | readonly string[]
  /** In order of precedence: the first source that has a value gives it. */
  readonly sources: { readonly [table: string]: MergeSource }
  readonly columns?: { readonly [newColumn: string]: MergeColumn }
  /** The sources in which a native insert creates a row. Default: the first. */
  readonly reverse?: readonly string[]
  /** By the columns of a unique key, with commas: who keeps a value that several old rows have. */
  readonly unique?: { readonly [columns: string]: UniqueSpec }
  /** What a native delete does with rows that reference this one. Default: what the new schema's foreign key says. */
  readonly onDelete?: 'refuse' | 'cascade'
}

export interface AppendSpec {
  readonly sources: { readonly [table: string]: AppendSource }
  readonly columns?: { readonly [newColumn: string]: Pick<MergeColumn, 'otherwise'> }
  /** The source in which a native insert creates a row. Default: the first. */
  readonly reverse?: readonly string[]
  readonly onDelete?: 'refuse' | 'cascade'
}

export interface MergeTable extends MergeSpec {
  readonly kind: 'merge'
}

export interface AppendTable extends AppendSpec {
  readonly kind: 'append'
}

/**
 * `inline`: in the same transaction; what can't be done at once goes to the outbox. `outbox`: the transaction only notes the
 * key, and a worker follows.
 */
export type SyncMode = 'inline' | 'outbox'

export interface TableSyncSpec {
  readonly mode?: SyncMode
  /** Reads of a table in outbox mode come from the new side only where this says that they may lag behind. */
  readonly staleReads?: 'ok'
}

/** Limits at which backfill and worker give way; `false`: not watched. What is watched and can't be seen makes them wait. */
export interface ThrottleSpec {
  /** A small commit of Crossfade's own may take so many times as long as it did before the work began. Default 1.5. */
  readonly latencyFactor?: number | false
  /** Below this it is never too slow. Milliseconds, default 5. */
  readonly latencyFloorMs?: number
  /** Of every standby. Milliseconds, default 10000. */
  readonly replicationLagMs?: number | false
  /** Of every standby. Megabytes of WAL, default 64. */
  readonly replicationLagMb?: number | false
  /** Other sessions that are at work at one moment. Default 32. */
  readonly activeSessions?: number | false
}

/** Where the URL of the database stands. It has a password, so it is never in the configuration itself. */
export interface DatabaseSettings {
  /** The variable that holds it. Default `DATABASE_URL`. */
  readonly env?: string
  /** Path of a file of variables (`.env`), relative to the configuration; asked where the environment lacks the variable. */
  readonly file?: string
}

/**
 * The API over the database (PostgREST, as Supabase has it), which `check` and `build` try. Its key is never in the configuration
 * itself.
 */
export interface ApiSettings {
  /** As `createClient` gets it. */
  readonly url?: string
  /** The variable that holds it, where `url` isn't given. Default `SUPABASE_URL`. */
  readonly urlEnv?: string
  /** The variable that holds the key. Default `SUPABASE_SERVICE_ROLE_KEY`. */
  readonly keyEnv?: string
}

/** The tool that the program migrates its database with, and where its migrations lie. */
export interface MigrationsSettings {
  readonly tool: 'supabase' | 'drizzle' | 'prisma'
  /** Relative to the configuration. */
  readonly folder: string
}

export interface CrossfadeConfig {
  readonly database?: DatabaseSettings
  readonly supabase?: ApiSettings
  readonly oldSchema?: string
  readonly newSchema?: string
  /** Path of the new schema's DDL, relative to the configuration. Names in it are unqualified. */
  readonly schema: string
  /** Folders of the program's code, or files, relative to the configuration: what `crossfade map` reads where no path is named. */
  readonly code?: readonly string[]
  readonly migrations?: MigrationsSettings
  readonly tables: { readonly [newTable: string]: MergeTable | AppendTable }
  /** Tables that stay as they are. */
  readonly keep?: readonly string[]
  /** How many people must approve a gate. Default 1. */
  readonly approvals?: { readonly [gate: string]: number }
  /**
   * Roles that `crossfade move` lets have code of their own run with the rights of Crossfade's role, by a right to make
   * triggers on the old tables, or functions beside them; `public` is everybody.
   */
  readonly trusted?: readonly string[]
  /** Findings of `crossfade check` that stop, by the names it gives them, and that you accept. */
  readonly accept?: readonly string[]
  readonly sync?: {
    /** What all waits of Crossfade in one transaction of the application may add up to. Milliseconds, default 100. */
    readonly budgetMs?: number
    /** Writes of one transaction that are synced at once; further ones go through the outbox. Default 64. */
    readonly inlineWrites?: number
    /** Connections over which the rows that are there are brought and compared. Default 2. */
    readonly workers?: number
    /** How writes by an old name reach the new tables. Default `inline`; `crossfade sync --mode` changes it in a running migration. */
    readonly mode?: SyncMode
    /** By new table, what differs. */
    readonly tables?: { readonly [newTable: string]: TableSyncSpec }
    /** When backfill and worker give way. */
    readonly throttle?: ThrottleSpec
  }
  readonly finish?: {
    /** Days without a write by an old name. Default 7. */
    readonly quietDays?: number
    /** How long the application's rights on the old tables are taken away before. Seconds, default 300. */
    readonly rehearsalSeconds?: number
    /** Path of SQL that finish runs in its transaction when the old tables have left: views and functions that only you can rewrite. */
    readonly also?: string
    /** Functions whose text mentions an old name and means something else, as finish names them: `public.f(text)`; and publications. */
    readonly ignore?: readonly string[]
  }
}

export function defineConfig(config: CrossfadeConfig): CrossfadeConfig {
  return config
}

/** N old rows with one key become one new row. */
export function merge(spec: MergeSpec): MergeTable {
  return { kind: 'merge', ...spec }
}

/** Every old row becomes one new row of its own. */
export function append(spec: AppendSpec): AppendTable {
  return { kind: 'append', ...spec }
}
