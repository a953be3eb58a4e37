import { addUnresolved, openAccess, type Seen } from '../access-book.ts'
import type { Place, Style } from '../interaction.ts'
import type { Position, TypeIr } from '../ir.ts'
import type { Site } from '../style.ts'
import { type Atom, atomsOf, union, unknown, type Value } from '../value.ts'
import { callAtom } from './calls.ts'
import { instanceOf, isProjectClass } from './classes.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { type Closure, functionOf, isClosure, leastDoubt, placeAt, settledDoubt } from './frames.ts'
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
  const { module } = frame
  const place = placeAt(module, at)
  const seen: Seen = {
    place,
    function: functionOf(module, frame.fn).name,
    frame: frame.id,
    doubt: () => settledDoubt(frame),
    leastDoubt: () => leastDoubt(evaluation, frame),
  }
  const style = (about.style ?? styleOf(about.self)) as Style
  return {
    place,
    function: seen.function,
    self: about.self,
    typeArguments: () => (about.types ?? []).map((type) => typeValue(evaluation, frame, type)),
    placeOf: (argument): Place => {
      const position = about.ats?.[argument]
      return position === undefined ? place : placeAt(module, position)
    },
    open: (draft) => openAccess(evaluation.book, style, seen, draft),
    unresolved: (operation, reason) =>
      addUnresolved(evaluation.book, {
        seen,
        style,
        operation,
        reason,
        ...(about.followed ? { followed: about.followed } : {}),
      }),
    call: (callee, args, bound) =>
      union(
        atomsOf(callee).map((atom) =>
          callAtom(evaluation, frame, bound ? withSelf(atom, bound) : atom, args, {
            at,
            self: about.self,
            handedOn: true,
          }),
        ),
      ),
    instance: (of) => (isProjectClass(of) ? instanceOf(of, null) : unknown('it is not followed')),
    member: (value, name) => memberOf(evaluation, frame, value, name, at),
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
