/**
 * Casts that give NULL where PostgreSQL's own would raise, made of built-in immutable parts alone: they
 * stand in expression indexes on the user's tables, where an error would fail the application's insert,
 * and a function of ours would be one more thing that its role needs a right to.
 */
const HEX4 = '[0-9a-fA-F]{4}(-?[0-9a-fA-F]{4}){7}'

const SAFE: { readonly [type: string]: (text: string) => string } = {
  uuid: (text) => guarded(text, `^(${HEX4}|\\{${HEX4}\\})$`, 'uuid'),
  smallint: (text) => integer(text, 'smallint', 32768),
  integer: (text) => integer(text, 'integer', 2147483648),
  bigint: (text) =>
    `CASE WHEN ${trimmed(text)} ~ '^[+-]?[0-9]{1,19}$' THEN CASE WHEN ${trimmed(text)}::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN ${trimmed(text)}::bigint END END`,
  // 255 is the most repetitions that a pattern can ask for.
  numeric: (text) => guarded(text, '^[+-]?([0-9]{1,255}[.]?[0-9]{0,255}|[.][0-9]{1,255})$', 'numeric'),
}

/** SQL that casts text to `type`, blanks around it cut off, NULL where it is no such value; null for types without one. */
export function safeCast(text: string, type: string): string | null {
  return SAFE[type]?.(text) ?? null
}

function trimmed(text: string): string {
  return `btrim(${text})`
}

function guarded(text: string, pattern: string, type: string): string {
  const quoted = pattern.includes('\\') ? `E'${pattern.replaceAll('\\', '\\\\')}'` : `'${pattern}'`
  return `CASE WHEN ${trimmed(text)} ~ ${quoted} THEN ${trimmed(text)}::${type} END`
}

function integer(text: string, type: string, limit: number): string {
  return `CASE WHEN ${trimmed(text)} ~ '^[+-]?[0-9]{1,10}$' THEN CASE WHEN ${trimmed(text)}::bigint BETWEEN -${limit} AND ${limit - 1} THEN ${trimmed(text)}::${type} END END`
}
