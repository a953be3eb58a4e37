import type { AccessBook } from '../access-book.ts'
import type { ClassIr, Expr, FunctionIr } from '../ir.ts'
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
  /** Those that were run, by the function. */
  readonly runs: Map<FunctionIr, Frame[]>
  readonly budget: Budget
  /** Frames of modules, by file. */
  readonly modules: Map<string, Frame>
  readonly exported: Map<string, Value>
  /** `globalThis.name = …` of all modules. */
  readonly globals: Map<string, [module: Module, value: number, within: number][]>
  /** Functions that the program itself calls, and classes of which it makes instances; not those that only tests use. */
  readonly used: Set<FunctionIr | ClassIr>
}

/** How many functions are run before calls and instances are told apart only coarsely, so that every program ends. */
export interface Budget {
  most: number
  runs: number
  /** The program itself has been walked; what is left are its tests. */
  isTests: boolean
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
  /** Who else makes the call; of a symbolic frame, who makes calls for which it stands. */
  readonly confirmedBy: Frame[]
  /** An argument holds something of a library, so what is done with parameters is to be evaluated. */
  readonly bearing: boolean
  queued: boolean
  returned: Value | undefined
  readonly slots: Map<number, Value>
  readonly shared: Map<number, Value>
  readonly values: Map<Expr, Value>
  readonly classes: Map<number, ProjectClass>
  /** Symbolic frames of the functions inside. */
  readonly inner: Map<string, Frame>
  /** Frames of calls of the functions inside, by the function, then by their arguments. */
  readonly calls: Map<number, Map<string, Frame>>
  /** Types that functions inside have where they are handed to others. */
  readonly expected: Map<number, Value>
  /** Nothing will be evaluated in it any more: what it remembers is dropped, but for what it gives back. */
  close(): void
}

/** The frames of a function inside `frame` by the arguments of its calls. */
export function callsOf(frame: Frame, fn: number): Map<string, Frame> {
  const known = frame.calls.get(fn)
  if (known) return known
  const made = new Map<string, Frame>()
  frame.calls.set(fn, made)
  return made
}

let frames = 0

type About = Pick<Frame, 'module' | 'fn' | 'parent' | 'args' | 'self' | 'caller'> & Partial<Pick<Frame, 'bearing'>>

export function makeFrame(about: About): Frame {
  return new Run(about)
}

/** There are many, and most of them remember only a few things: what remembers them is made when it is first needed. */
class Run implements Frame {
  readonly id: number
  readonly module: Module
  readonly fn: number
  readonly parent: Frame | null
  args: readonly Value[] | null
  readonly self: Value | null
  readonly caller: Frame | null
  readonly bearing: boolean
  queued = false
  returned: Value | undefined = undefined
  #confirmedBy: Frame[] | undefined
  #slots: Map<number, Value> | undefined
  #shared: Map<number, Value> | undefined
  #values: Map<Expr, Value> | undefined
  #classes: Map<number, ProjectClass> | undefined
  #inner: Map<string, Frame> | undefined
  #calls: Map<number, Map<string, Frame>> | undefined
  #expected: Map<number, Value> | undefined

  constructor({ module, fn, parent, args, self, caller, bearing }: About) {
    frames += 1
    this.id = frames
    this.module = module
    this.fn = fn
    this.parent = parent
    this.args = args
    this.self = self
    this.caller = caller
    this.bearing = (parent?.bearing ?? false) || (bearing ?? args?.some(isLibrary) ?? false)
  }

  close(): void {
    this.args &&= CLOSED
    this.#slots = undefined
    this.#shared = undefined
    this.#values = undefined
  }
  get confirmedBy(): Frame[] {
    this.#confirmedBy ??= []
    return this.#confirmedBy
  }
  get slots(): Map<number, Value> {
    this.#slots ??= new Map()
    return this.#slots
  }
  get shared(): Map<number, Value> {
    this.#shared ??= new Map()
    return this.#shared
  }
  get values(): Map<Expr, Value> {
    this.#values ??= new Map()
    return this.#values
  }
  get classes(): Map<number, ProjectClass> {
    this.#classes ??= new Map()
    return this.#classes
  }
  get inner(): Map<string, Frame> {
    this.#inner ??= new Map()
    return this.#inner
  }
  get calls(): Map<number, Map<string, Frame>> {
    this.#calls ??= new Map()
    return this.#calls
  }
  get expected(): Map<number, Value> {
    this.#expected ??= new Map()
    return this.#expected
  }
}

const CLOSED: readonly Value[] = []

/** Whether a value is something of a library. What the language and React hand on is none. */
export function isLibrary(value: Value): boolean {
  return atomsOf(value).some((atom) => atom.kind === 'library' && atom.style !== 'javascript' && atom.style !== 'react')
}
