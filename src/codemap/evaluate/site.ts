import type { Access, AccessDraft } from '../access.ts'
import { addUnresolved, openAccess, type Seen } from '../access-book.ts'
import type { Operation, Place, Style } from '../interaction.ts'
import type { Position, TypeIr } from '../ir.ts'
import type { Site } from '../style.ts'
import { type Atom, atomsOf, type ClassValue, type FunctionValue, union, unknown, type Value } from '../value.ts'
import { callAtom } from './calls.ts'
import { isProjectClass } from './classes.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { type Closure, doubtOfCaller, functionOf, isClosure, leastDoubt, placeAt, settledDoubt } from './frames.ts'
import { instanceOf } from './instances.ts'
import { memberOf } from './members.ts'
import { typeValue } from './types.ts'

interface About {
  /** The value on which it is called. */
  readonly self: Value
  /** Whose model is asked, where `self` doesn't say it. */
  readonly style?: string
  readonly ats?: readonly Position[]
  readonly types?: readonly TypeIr[] | undefined
  /** What may stand behind the call is followed besides. */
  readonly followed?: true
}

/** The point of the program at `at`, seen from a frame. */
export function makeSite(evaluation: Evaluation, frame: Frame, at: Position, about: About): Site {
  return new Point(evaluation, frame, at, about)
}

/** Many are made, and most of them are asked for nothing. */
class Point implements Site {
  readonly #evaluation: Evaluation
  readonly #frame: Frame
  readonly #at: Position
  readonly #about: About
  #place: Place | undefined
  #seen: Seen | undefined

  constructor(evaluation: Evaluation, frame: Frame, at: Position, about: About) {
    this.#evaluation = evaluation
    this.#frame = frame
    this.#at = at
    this.#about = about
  }

  get place(): Place {
    this.#place ??= placeAt(this.#frame.module, this.#at)
    return this.#place
  }
  get function(): string | null {
    return functionOf(this.#frame.module, this.#frame.fn).name
  }
  get self(): Value {
    return this.#about.self
  }
  get #style(): Style {
    return (this.#about.style ?? styleOf(this.#about.self)) as Style
  }
  typeArguments(): readonly Value[] {
    return (this.#about.types ?? []).map((type) => typeValue(this.#evaluation, this.#frame, type))
  }
  placeOf(argument: number): Place {
    const position = this.#about.ats?.[argument]
    return position === undefined ? this.place : placeAt(this.#frame.module, position)
  }
  open(draft: AccessDraft): Access {
    return openAccess(this.#evaluation.book, this.#style, this.#see(), draft)
  }
  unresolved(operation: Operation | null, reason: string): void {
    const { followed } = this.#about
    const record = { seen: this.#see(), style: this.#style, operation, reason, ...(followed ? { followed } : {}) }
    addUnresolved(this.#evaluation.book, record)
  }
  call(callee: Value | FunctionValue, args: readonly Value[], bound?: Value): Value {
    const site = { at: this.#at, self: this.self, handedOn: true } as const
    return union(
      atomsOf(callee as Value).map((atom) =>
        callAtom(this.#evaluation, this.#frame, bound ? withSelf(atom, bound) : atom, args, site),
      ),
    )
  }
  instance(of: ClassValue): Value {
    return isProjectClass(of) ? instanceOf(of, null) : unknown('it is not followed')
  }
  member(value: Value, name: string): Value {
    return memberOf(this.#evaluation, this.#frame, value, name, this.#at)
  }
  #see(): Seen {
    const [evaluation, frame] = [this.#evaluation, this.#frame]
    this.#seen ??= {
      place: this.place,
      function: this.function,
      frame: frame.id,
      doubt: () => settledDoubt(frame),
      callerDoubt: (calls) => doubtOfCaller(frame, calls),
      leastDoubt: () => leastDoubt(evaluation, frame),
    }
    return this.#seen
  }
}

/** What a library binds wins over the object in which a method stands; an arrow function keeps what is around it. */
function withSelf(atom: Atom, self: Value): Atom {
  if (!isClosure(atom) || functionOf(atom.frame.module, atom.fn).arrow) return atom
  const closure: Closure = { ...atom, self }
  return closure
}

/** Only a style opens accesses. */
function styleOf(self: Value): string {
  const [atom] = atomsOf(self)
  return atom?.kind === 'library' ? atom.style : 'sql'
}
