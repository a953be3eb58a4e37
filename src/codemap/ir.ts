/**
 * The intermediate form of one file: what matters to the flow of values, and nothing else. It is plain data, so that a
 * worker can hand it over as one JSON text. Order and conditions are gone: a variable is the union of all that is ever
 * put into it, a function the list of its expressions.
 */
export interface FileIr {
  readonly slots: Slot[]
  /** functions[0] is the module itself. */
  readonly functions: FunctionIr[]
  readonly classes: ClassIr[]
  /** Expressions that more than one thing refers to. */
  readonly shared: Expr[]
  readonly exports: ExportIr[]
  /** Values given to `module.exports` or `export =`; `exports.name = …` is an export. */
  readonly wholeExports: number[]
  /** `globalThis.name = …`. */
  readonly globals: Assignment[]
  /** Members under which variables of another name are handed on: `{ onSave: save }`. */
  readonly aliases: [name: string, given: string][]
  /** Modules that it names, each once, in order. */
  readonly requests: string[]
  /** It loads modules by paths that are not written out. */
  loads?: true
}

/** line * 2^20 + column, both from 1. */
export type Position = number

const LINE = 2 ** 20

export function packPosition(line: number, column: number): Position {
  return line * LINE + Math.min(column, LINE - 1)
}

export function unpackPosition(position: Position): { line: number; column: number } {
  return { line: Math.floor(position / LINE), column: position % LINE }
}

/** A variable, parameter, import, function, class, enum or type name, resolved to its scope. */
export interface Slot {
  readonly name: string
  /** The function that it belongs to. */
  readonly owner: number
  readonly defs: Def[]
  /** Its declared type. */
  type?: TypeIr
  /** What a type name stands for: an alias, an interface, or the bound of a type parameter. */
  means?: TypeIr
  /** `name.member = …`. */
  sets?: Assignment[]
  /** `name[key] = …`. */
  keyed?: KeyedAssignment[]
  /** `name.push(…)`. */
  pushes?: Omit<Assignment, 'name'>[]
}

export interface Assignment {
  readonly name: string
  readonly value: number
  /** The function in which it stands. */
  readonly within: number
}

export interface KeyedAssignment {
  readonly key: number
  readonly value: number
  readonly within: number
}

/** One of the things that a variable may hold. */
export type Def =
  | { readonly k: 'value'; readonly value: number; readonly within: number; readonly path?: Step[] }
  | { readonly k: 'parameter'; readonly index: number; readonly path?: Step[] }
  | { readonly k: 'function'; readonly function: number }
  | { readonly k: 'class'; readonly class: number }
  | { readonly k: 'import'; readonly from: string; readonly name: string }
  | { readonly k: 'enum'; readonly members: [name: string, value: number | null][] }
  | { readonly k: 'other'; readonly what: string }

/** A step from a value to a part of it, in destructuring and loops. */
export type Step =
  | { readonly k: 'member'; readonly name: string }
  | { readonly k: 'computed'; readonly value: number }
  | { readonly k: 'item'; readonly index: number }
  | { readonly k: 'rest'; readonly without: string[] }
  | { readonly k: 'restItems'; readonly from: number }
  | { readonly k: 'each' }
  | { readonly k: 'key' }
  | { readonly k: 'default'; readonly value: number }

export interface FunctionIr {
  /** As it is shown: `Class.method`, the const or property that it is given to; of a function without one, that around it. */
  readonly name: string | null
  readonly own: boolean
  readonly at: Position
  readonly end: Position
  /** The function around it; -1 for the module. */
  readonly parent: number
  readonly parameters: Parameter[]
  /** What it evaluates, in order. */
  readonly body: Expr[]
  /** What it calls, without the functions inside it: by name, by variable, or (null) by something else. */
  readonly calls: (string | number | null)[]
  readonly returns: number[]
  returnType?: TypeIr
  /** An arrow function has the `this` of the function around it. */
  readonly arrow: boolean
  /** The class of which it is a method, the constructor, or the initial values of the fields. */
  readonly class: number | null
  readonly static?: boolean
  /** Where it has a loop without an end. */
  endless?: Position
}

export interface Parameter {
  readonly name: string
  type?: TypeIr
  default?: number
  readonly rest?: true
}

export interface ClassIr {
  readonly name: string
  readonly at: Position
  /** The function in which it stands. */
  readonly within: number
  base?: number
  baseTypes?: TypeIr[]
  superCall?: { readonly value: number; readonly within: number }
  readonly decorators: number[]
  readonly members: MemberIr[]
  /** `this.name = …` in its methods. */
  readonly sets: Assignment[]
  /** The function that holds the initial values of the instance's fields. */
  readonly initial: number
  readonly abstract: boolean
}

export interface MemberIr {
  readonly name: string
  readonly k: 'field' | 'method' | 'get' | 'set' | 'constructor'
  readonly static: boolean
  readonly at: Position
  readonly decorators: number[]
  type?: TypeIr
  /** A field's initial value. */
  value?: number
  function?: number
  /** A field that is a parameter of the constructor. */
  parameter?: number
}

export type ExportIr =
  | { readonly name: string; readonly k: 'slot'; readonly slot: number }
  | { readonly name: string; readonly k: 'value'; readonly value: number }
  | { readonly name: string; readonly k: 'from'; readonly from: string; readonly imported: string }
  | { readonly k: 'all'; readonly from: string }

export type Expr =
  | { readonly k: 'text'; readonly text: string }
  | { readonly k: 'literal'; readonly value: number | boolean | null | undefined }
  | { readonly k: 'template'; readonly parts: string[]; readonly holes: Expr[] }
  | {
      readonly k: 'tag'
      readonly tag: Expr
      readonly parts: string[]
      readonly holes: Expr[]
      readonly types?: TypeIr[]
      readonly at: Position
    }
  | { readonly k: 'ref'; readonly slot: number }
  | { readonly k: 'global'; readonly name: string }
  | { readonly k: 'member'; readonly object: Expr; readonly name: string; readonly at: Position }
  | { readonly k: 'index'; readonly object: Expr; readonly index: Expr; readonly at: Position }
  | {
      readonly k: 'call' | 'new'
      readonly callee: Expr
      readonly args: Expr[]
      readonly ats: Position[]
      /** An element of a component. */
      readonly jsx?: true
      readonly types?: TypeIr[]
      readonly at: Position
    }
  | { readonly k: 'function'; readonly function: number }
  | { readonly k: 'class'; readonly class: number }
  | { readonly k: 'object'; readonly members: ObjectMember[] }
  | { readonly k: 'array'; readonly items: Expr[] }
  | { readonly k: 'spread'; readonly value: Expr }
  /** One of these. */
  | { readonly k: 'either'; readonly of: Expr[] }
  /** All of these in turn; the last is the value. */
  | { readonly k: 'sequence'; readonly of: Expr[] }
  /** These are evaluated, and the value is something that no style asks for: a sum, a comparison. */
  | { readonly k: 'effects'; readonly of: Expr[] }
  | { readonly k: 'await'; readonly value: Expr }
  | { readonly k: 'as'; readonly value: Expr; readonly type: TypeIr }
  | { readonly k: 'add'; readonly left: Expr; readonly right: Expr }
  | { readonly k: 'this' }
  | { readonly k: 'super' }
  | { readonly k: 'import'; readonly from: string }
  /** `require(path)` of a path that isn't written out. */
  | { readonly k: 'load'; readonly of: Expr[] }
  | { readonly k: 'shared'; readonly value: number }

export type ObjectMember =
  | { readonly k: 'value'; readonly name: string; readonly value: Expr }
  | { readonly k: 'get'; readonly name: string; readonly function: number }
  | { readonly k: 'computed'; readonly name: Expr; readonly value: Expr }
  | { readonly k: 'spread'; readonly value: Expr }

export type TypeIr =
  | { readonly k: 'ref'; readonly slot: number; readonly path?: string[]; readonly args?: TypeIr[] }
  | { readonly k: 'global'; readonly name: string; readonly args?: TypeIr[] }
  | { readonly k: 'import'; readonly from: string; readonly name: string; readonly args?: TypeIr[] }
  | { readonly k: 'literal'; readonly value: string | number | boolean | null }
  | { readonly k: 'union' | 'intersection'; readonly of: TypeIr[] }
  | {
      readonly k: 'object'
      readonly members: [name: string, type: TypeIr][]
      /** Those that need not be there. */
      readonly optional?: string[]
      readonly extends?: TypeIr[]
    }
  | { readonly k: 'array'; readonly of: TypeIr }
  | { readonly k: 'tuple'; readonly of: TypeIr[] }
  /** Parameters, where their types say something. */
  | { readonly k: 'function'; readonly returns: TypeIr; readonly parameters?: TypeIr[] }
  | { readonly k: 'typeof'; readonly value: Expr }
  | { readonly k: 'index'; readonly object: TypeIr; readonly index: TypeIr }
  | { readonly k: 'unknown' }
