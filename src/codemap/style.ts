import type { Access, AccessDraft } from './access.ts'
import type { Operation, Place, Style } from './interaction.ts'
import type { Project } from './project.ts'
import type { ClassValue, FunctionValue, InstanceValue, LibraryValue, Value } from './value.ts'

/**
 * A style is a model of one library: what its exports and types are, and what their calls do. It knows nothing of
 * variables, imports, functions, classes or conditions of the program; the evaluation follows values through those, and
 * asks the style at each point where the value in hand is one of the library's.
 *
 * How to write one (`styles/<name>/`, listed in `styles/all.ts`):
 *
 * 1. `library('knex', { is: 'client', … })` makes a value; the type of `of` is a union of your own, told apart by a tag
 *    such as `is`. Values are never changed: each call returns a new one, or the receiver.
 * 2. `imported` says what `import { createClient } from '@supabase/supabase-js'` (or `require`, `import()`) gives. A
 *    function of the library is a value as well: return a library value for it and answer in `call` with `method: null`.
 *    (`default` is the default export, `*` is handled by asking for each member.)
 * 3. `typed` says what a parameter, variable or field of type `SupabaseClient<…>` is; arguments of the type are
 *    evaluated: a class gives an instance of it, `'a' | 'b'` a union of texts.
 * 4. `member` says what `receiver.name` is without a call (`prisma.post`, `client.storage`, `posts.id`). Undefined: a
 *    method, of which the call comes to `call`.
 * 5. `call` says what `receiver.method(…args)` does and gives. It opens accesses with `site.open`, keeps the access in
 *    the builder that it returns, and adds to it in later calls (`access.read(['id'])`). Undefined: an unknown result.
 *    `construct` is `new receiver(…)`, `tag` is receiver`…${…}…`; without them both are unknown.
 * 6. `awaited` says what `await receiver` gives where that is another value than the receiver (rows: an unknown).
 *
 * A table's name, a column, an option may come from anywhere, so an argument is a `Value`: read it with the functions of
 * `read-value.ts` (`textsOf`, `membersOf`, `itemsOf`, …). Hand the table's name to `site.open` as the value that it is:
 * a set of names makes an interaction for each, an unknown one an entry of `unresolved`, and a name that came as an
 * argument of the project's own function places the interaction at that call.
 *
 * What only becomes known later (`User.init(…)` in another file, relations, a schema file) can be read when the whole
 * program has been walked: hand in a function instead of the table's value, or `finish`. What a style has to remember
 * it keeps in the closure of `create`, which is called once for each run.
 *
 * A fixture for each trap stands in `test/codemap/fixtures/<style>-<trap>/` (see fixtures.test.ts there): a small project
 * as a developer would write it, and an expected.json.
 *
 * The same call may be evaluated several times with other arguments (for each caller of the function around it), also
 * with unknown ones. So do nothing that could not be done twice, and say nothing of receivers that are not yours.
 */
export interface StyleModel extends LibraryModel {
  readonly name: Style
  /**
   * Looks at a call on a receiver of which nothing is known but `reason`. If it could only be meant for this library
   * (`?.query('select …')`), list it with `site.unresolved`; a shape of several calls (`?.from('posts').insert(…)`) takes
   * a value that waits for the next one. Undefined: it says nothing to this style.
   */
  suspect?(reason: string, method: string, args: readonly Value[], site: Site): Value | undefined
}

/** What a style is made of; also the language itself and libraries that hand values on have one. */
export interface LibraryModel {
  readonly name: string
  /** What an import gives; undefined where the module or the export is none of this library's. */
  imported(from: ImportedFrom, name: string): Value | undefined
  /** What something of the library's type `name` is; undefined where the type says nothing. */
  typed?(from: ImportedFrom, name: string, args: readonly Value[]): Value | undefined
  member?(receiver: LibraryValue, name: string, site: Site): Value | undefined
  /** `method` is null where the receiver itself is called: `knex('posts')`. */
  call(receiver: LibraryValue, method: string | null, args: readonly Value[], site: Site): Value | undefined
  construct?(receiver: LibraryValue, args: readonly Value[], site: Site): Value | undefined
  /** What `new` gives of a class of the project that extends the library's `base`, if that is more than the instance. */
  made?(base: LibraryValue, instance: InstanceValue, args: readonly Value[]): Value | undefined
  /** `template` has the text between the holes, as it is when it runs. */
  tag?(receiver: LibraryValue, template: Template, site: Site): Value | undefined
  /** receiver.method`…`: `prisma.$queryRaw`…``, unless `member` has made `receiver.method` a value of its own. */
  tagMethod?(receiver: LibraryValue, method: string, template: Template, site: Site): Value | undefined
  awaited?(receiver: LibraryValue, site: Site): Value
  /**
   * Asked when the whole program has been walked. False where something has become known that was asked for before (a
   * provider seen after what uses it): the program is walked once more.
   */
  settle?(): boolean
  /** A class of the program is declared; what it extends and its decorators can be asked for later. */
  declares?(of: ClassValue): void
  /**
   * What the library itself calls exports of the file with, by a convention of its own: `up(knex)` of a migration. By
   * the names of the exports.
   */
  starts?(file: string): Readonly<Record<string, readonly Value[]>> | undefined
  /** What `receiver.method` calls the function with that it is handed, where types ask for it: the `tx` of a transaction. */
  hands?(receiver: LibraryValue, method: string): readonly Value[] | undefined
}

/** Makes the model for one run; reads what it needs of the project first (a Prisma schema). */
export interface StyleDefinition {
  readonly name: Style
  /** Which modules are the library: a file that imports one, or names one in its text, is looked at. */
  readonly modules: RegExp
  /** Its client is a function itself: `knex('posts')`. */
  readonly callable?: true
  /** Words of which a file must hold one if it is to reach the database by a client that it is handed. */
  readonly words: readonly string[]
  create(project: Project): StyleModel | Promise<StyleModel>
}

/** The module of an import that isn't a source file of the project. */
export interface ImportedFrom {
  /** As the code says it: `pg`, `@prisma/client`, `../generated/prisma`. */
  readonly specifier: string
  /** The file that imports it. */
  readonly importer: string
  /** Where a relative specifier leads, from the root, without an extension; null for a package. */
  readonly path: string | null
}

export interface Template {
  readonly parts: readonly string[]
  readonly holes: readonly Value[]
}

/** The point of the program that is being evaluated, and what a style can do there. */
export interface Site {
  /** Of `x.method(…)` the place of `method`; of other calls, tags and `new` the place where the expression begins. */
  readonly place: Place
  readonly function: string | null
  /** `Class.method` or `Class.prototype` users: the class of the project that extends the receiver, or its instance. */
  readonly self: Value
  /** Arguments of the type at this call: `pool.query<Post>(…)`. */
  typeArguments(): readonly Value[]
  placeOf(argument: number): Place
  /** An access at this place, unless `draft.place` says another. Opening the same twice gives the same. */
  open(draft: AccessDraft): Access
  /** Lists this place as an access that can't be told. */
  unresolved(operation: Operation | null, reason: string): void
  /**
   * Runs a function of the project (a callback) with these arguments, and `this` if the library binds it; gives what it
   * returns. Unknown for anything else.
   */
  call(callee: Value | FunctionValue, args: readonly Value[], bound?: Value): Value
  /** Any instance of a class of the project. */
  instance(of: ClassValue): Value
  /** `value.name`, through unions, classes and library values. */
  member(value: Value, name: string): Value
}
