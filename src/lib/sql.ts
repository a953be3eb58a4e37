/**
 * SQL as a value. Text reaches a statement only through the `sql` tag: a plain string that is
 * interpolated is a type error, so every name goes through `ident()` and every value through
 * `literal()` or a `$n` parameter.
 */
export class Sql {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

export function sql(strings: TemplateStringsArray, ...parts: (Sql | number)[]): Sql {
  let text = strings[0] ?? ''
  for (const [i, part] of parts.entries()) {
    text += indentLike(text, typeof part === 'number' ? String(part) : part.text) + (strings[i + 1] ?? '')
  }
  return new Sql(text)
}

/** A fragment of several lines takes the indentation of the line that it is put on, unless a line ends inside a name. */
function indentLike(before: string, fragment: string): string {
  if (!fragment.includes('\n') || fragment.includes("'") || fragment.includes('$')) return fragment
  if (fragment.split('"').some((part, i) => i % 2 === 1 && part.includes('\n'))) return fragment
  const line = before.slice(before.lastIndexOf('\n') + 1)
  const indent = /^\s*$/.test(line) ? line : ''
  return indent === '' ? fragment : fragment.replaceAll('\n', `\n${indent}`)
}

/** SQL that somebody else wrote and that was parsed before (a mapping's expression, a catalog definition). */
export function raw(text: string): Sql {
  return new Sql(text)
}

/** A quoted identifier, or a qualified one. Always quoted: no list of reserved words to keep. */
export function ident(...path: string[]): Sql {
  return new Sql(path.map(quoteName).join('.'))
}

function quoteName(name: string): string {
  if (name.includes('\0')) throw new RangeError('a NUL character cannot stand in a name')
  // A line break stands as it is: PL/pgSQL doesn't find a record's field, nor regclass a table, by its U&"" form.
  return `"${name.replaceAll('"', '""')}"`
}

/** A string literal that means the same under either setting of standard_conforming_strings. */
export function literal(value: string | number | boolean | null): Sql {
  if (value === null) return new Sql('NULL')
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`not a number literal: ${value}`)
    return new Sql(String(value))
  }
  if (typeof value === 'boolean') return new Sql(value ? 'true' : 'false')
  if (value.includes('\0')) throw new RangeError('a NUL character cannot stand in SQL text')
  const quoted = `'${value.replaceAll("'", "''")}'`
  return new Sql(quoted.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted)
}

export function join(parts: readonly Sql[], separator = ', '): Sql {
  return new Sql(parts.map((part) => part.text).join(separator))
}

/** A body between dollar quotes, with a tag that does not occur in it. */
export function dollarQuote(body: Sql): Sql {
  let tag = 'crossfade'
  while (body.text.includes(`$${tag}$`)) tag += '_'
  return new Sql(`$${tag}$${body.text}$${tag}$`)
}
