import { dollarQuote, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Statement } from './statement.ts'

/**
 * Settings that every generated function pins, so that what it computes never depends on the session
 * that it runs in: names resolve in pg_catalog alone, row security can't hide rows from a recompute
 * (it would delete the new row), a backslash in an expression means itself, no statement of a
 * millisecond is compiled for a hundred, and none is planned anew for a key: an index serves each.
 */
const PINNED_PATH = raw('SET search_path = pg_catalog, pg_temp')

const PINNED_MEANING = raw(`SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan`)

/** Text forms of dates, floats and bytes are always the same. */
const PINNED_FORMS = raw(`SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'`)

export interface FunctionOptions {
  readonly name: Sql
  readonly arguments?: Sql
  readonly returns: Sql
  readonly body: Sql
  readonly comment: string
  /** Runs with the owner's rights and pinned settings; false for what is only called from such a function. */
  readonly entry: boolean
  /** Computes no value and reads no table, so a pinned path is enough; each setting counts in what fires for every write. */
  readonly pathAlone?: true
  /** Leaves the session's text forms in force, because the body lets other people's triggers run and pins them itself. */
  readonly ownForms?: boolean
  /** Milliseconds; the function never waits longer for one lock. */
  readonly lockTimeoutMs?: number
}

/** A plpgsql function that nobody may call by hand. */
export function createFunction(f: FunctionOptions): Sql {
  const args = f.arguments ?? raw('')
  const timeout = f.lockTimeoutMs === undefined ? raw('') : sql`\nSET lock_timeout = ${literal(`${f.lockTimeoutMs}ms`)}`
  const forms = f.ownForms ? raw('') : sql`\n${PINNED_FORMS}`
  const pinned = f.pathAlone ? PINNED_PATH : sql`${PINNED_PATH}\n${PINNED_MEANING}${forms}${timeout}`
  const security = f.entry ? sql`\nSECURITY DEFINER\n${pinned}` : raw('')
  return sql`CREATE OR REPLACE FUNCTION ${f.name}(${args}) RETURNS ${f.returns}
LANGUAGE plpgsql VOLATILE${security}
AS ${dollarQuote(sql`\n${f.body}\n`)};
COMMENT ON FUNCTION ${f.name}(${args}) IS ${literal(f.comment)};
REVOKE ALL ON FUNCTION ${f.name}(${args}) FROM PUBLIC`
}

/** The statement that makes such a function, and the one that takes it back. */
export function functionStatement(
  f: FunctionOptions & {
    readonly id: string
    readonly why: string
    /** Of an old table's trigger: where the table can't be locked, the function becomes one that does nothing. */
    readonly silenced?: true
  },
): Statement {
  const args = f.arguments ?? raw('')
  // CASCADE finds a trigger where its table has been renamed meanwhile; nothing else can hang on its function.
  const cascade = f.returns.text === 'trigger' ? raw(' CASCADE') : raw('')
  return {
    id: f.id,
    sql: createFunction(f),
    undo: sql`DROP FUNCTION IF EXISTS ${f.name}(${args})${cascade}`,
    ...(f.silenced ? { silence: silenceFunction(f.name) } : {}),
    lock: { mode: 'none', on: null },
    transactional: true,
    why: f.why,
  }
}

/** A trigger function that does nothing any more: it takes effect at once, whoever holds the table. */
function silenceFunction(name: Sql): Sql {
  return sql`CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS ${dollarQuote(sql` BEGIN RETURN NULL; END `)}`
}
