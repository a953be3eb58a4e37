import type { AccessBook } from '../access-book.ts'
import type { Expr } from '../ir.ts'
import type { Module, Program } from '../program.ts'
import type { LibraryModel } from '../style.ts'
import { atomsOf, type Value } from '../value.ts'
import type { ProjectClass } from './classes.ts'
import type { Touching } from './touching.ts'

/** All that one run of the evaluation knows. */
export interface Evaluation {
  readonly program: Program
  readonly models: ReadonlyMap<string, LibraryModel>
  readonly book: AccessBook
  readonly touching: Touching
  /** Frames whose bodies are still to be run. */
  readonly queue: Frame[]
  /** Frames of modules, by file. */
  readonly modules: Map<string, Frame>
  readonly exported: Map<string, Value>
  /** `globalThis.name = …` of all modules. */
  readonly globals: Map<string, [module: Module, value: number, within: number][]>
}

/** One run of a function: with the arguments of a call, or as whoever may call it (symbolic). */
export interface Frame {
  readonly id: number
  readonly module: Module
  readonly fn: number
  /** That of the function around it. */
  readonly parent: Frame | null
  /** Null in a symbolic frame: parameters are what their types say. */
  readonly args: readonly Value[] | null
  readonly self: Value | null
  /** The frame of the call; null for a symbolic one. */
  readonly caller: Frame | null
  /** A call has been seen for which this symbolic frame stands. */
  readonly confirmedBy: Frame[]
  /** An argument holds something of a library, so what is done with parameters is to be evaluated. */
  bearing: boolean
  queued: boolean
  returned: Value | undefined
  readonly slots: Map<number, Value>
  readonly shared: Map<number, Value>
  readonly values: Map<Expr, Value>
  readonly classes: Map<number, ProjectClass>
  /** Symbolic frames of the functions inside. */
  readonly inner: Map<string, Frame>
  /** Frames of calls of the functions inside, by their arguments. */
  readonly calls: Map<string, Frame>
}

let frames = 0

export function makeFrame(about: Pick<Frame, 'module' | 'fn' | 'parent' | 'args' | 'self' | 'caller'>): Frame {
  frames += 1
  return {
    ...about,
    id: frames,
    confirmedBy: [],
    bearing: (about.parent?.bearing ?? false) || (about.args?.some(holdsLibrary) ?? false),
    queued: false,
    returned: undefined,
    slots: new Map(),
    shared: new Map(),
    values: new Map(),
    classes: new Map(),
    inner: new Map(),
    calls: new Map(),
  }
}

function holdsLibrary(value: Value): boolean {
  return atomsOf(value).some((atom) => {
    if (atom.kind === 'array') return atom.items.some(holdsLibrary)
    if (atom.kind === 'object')
      return atom.names().some((name) => atomsOf(atom.get(name) ?? value).some((one) => one.kind === 'library'))
    return atom.kind === 'library' && atom.style !== 'javascript'
  })
}
