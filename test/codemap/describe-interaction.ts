import type { Interaction, Place, Unresolved } from '../../src/codemap/interaction.ts'

/**
 * An interaction in one line; what is empty is left out, `*` stands for columns that the code doesn't name:
 *
 *     src/posts.ts:4:12 listPosts supabase select posts read(id,title) * filtered(author_id) ordered(created_at)
 *     src/posts.ts:9:12 - pg insert blog.posts written(status,title) returning values(status=draft) in src/posts.ts:8:3
 *     src/posts.ts:9:12 save supabase upsert posts written(id) conflict(id) through src/table.ts:3:30
 */
export function describeInteraction(one: Interaction): string {
  const { columns, schema, table, values, through } = one
  return [
    describePlace(one),
    one.function ?? '-',
    one.style,
    one.operation,
    schema === null ? table : `${schema}.${table}`,
    list('read', columns.read),
    columns.known ? '' : '*',
    list('written', columns.written),
    list('filtered', columns.filtered),
    list('ordered', columns.ordered),
    one.returning ? 'returning' : '',
    one.conflict ? `conflict(${one.conflict.join(',')})` : '',
    values
      ? list(
          'values',
          Object.entries(values).map(([column, all]) => `${column}=${all.join('|')}`),
        )
      : '',
    one.transaction ? `in ${one.transaction}` : '',
    through ? `through ${through.map(describePlace).join(' ')}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** `src/posts.ts:4:12 listPosts supabase select: the reason`; `?` where the operation isn't known. */
export function describeUnresolved(one: Unresolved): string {
  return `${describePlace(one)} ${one.function ?? '-'} ${one.style} ${one.operation ?? '?'}: ${one.reason}`
}

function list(name: string, items: readonly string[]): string {
  return items.length > 0 ? `${name}(${items.join(',')})` : ''
}

function describePlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}
