/**
 * How TypeORM makes names in the database of names in code. Null where a strategy of the project's own gives something
 * that can't be told.
 */
export interface Naming {
  table(className: string, given: string | null): string | null
  /** `prefixes`: of the embedded classes around it, the outermost first. */
  column(property: string, given: string | null, prefixes: readonly string[]): string | null
  joinColumn(relation: string, referenced: string): string | null
  joinTable(first: string, second: string, property: string): string | null
  joinTableColumn(table: string, property: string, column: string): string | null
}

/** `UserProfile` → `user_profile`; `HTTPLog` → `http_log`, cut as TypeORM cuts it. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/([A-Z])([A-Z])([a-z])/g, '$1_$2$3')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

/** `author_id` → `authorId`. */
export function camelCase(name: string): string {
  return name.replaceAll(/^([A-Z])|[\s\-_](\w)/g, (_, first: string | undefined, next: string | undefined) =>
    next === undefined ? (first ?? '').toLowerCase() : next.toUpperCase(),
  )
}

function titleCase(name: string): string {
  return name.replaceAll(/\w\S*/g, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
}

/** TypeORM's own: tables in snake_case, columns as the properties, the rest in camelCase. */
export const DEFAULT_NAMING: Naming = {
  table: (className, given) => given ?? snakeCase(className),
  column: (property, given, prefixes) =>
    prefixes.length > 0 ? camelCase(prefixes.join('_')) + titleCase(given ?? property) : (given ?? property),
  joinColumn: (relation, referenced) => camelCase(`${relation}_${referenced}`),
  joinTable: (first, second, property) => snakeCase(`${first}_${property.replaceAll('.', '_')}_${second}`),
  joinTableColumn: (table, property, column) => camelCase(`${table}_${column || property}`),
}

/** `SnakeNamingStrategy` of typeorm-naming-strategies. */
export const SNAKE_NAMING: Naming = {
  table: (className, given) => given ?? snakeCase(className),
  column: (property, given, prefixes) => snakeCase([...prefixes, ''].join('_')) + (given ?? snakeCase(property)),
  joinColumn: (relation, referenced) => snakeCase(`${relation}_${referenced}`),
  joinTable: DEFAULT_NAMING.joinTable,
  joinTableColumn: (table, property, column) => snakeCase(`${table}_${column || property}`),
}
