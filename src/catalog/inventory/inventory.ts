/** One object of the database, in words that don't depend on object ids: what two equal databases have in common. */
export interface InventoryObject {
  /** `table`, `column`, `policy`, `default privileges`, … */
  readonly kind: string
  /** Null for what belongs to the database as a whole, e.g. an extension. */
  readonly schema: string | null
  /** Quoted where needed and with its schema; tells one object from all others of its kind. */
  readonly name: string
  /** What it is a part of: the table of a column, a constraint, a trigger; the name as that object has it. */
  readonly of: string | null
  /** Everything that is known of it. What is absent is at its default. */
  readonly facts: Facts
}

export type Fact = string | number | boolean | readonly string[]
export type Facts = { readonly [fact: string]: Fact }

export type Inventory = readonly InventoryObject[]
