import {
  type ArrayValue,
  array,
  atomsOf,
  type TemplateValue,
  type TextValue,
  text,
  union,
  unknown,
  type Value,
} from '../value.ts'
import { callPromiseMethod } from './awaited.ts'
import { type CallSite, callAtom } from './calls.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { eachOf } from './slots.ts'
import { concatenate } from './texts.ts'

/** What a method of a list gives; the function that it is handed runs for each item that is known. */
export function callArrayMethod(
  evaluation: Evaluation,
  frame: Frame,
  list: ArrayValue,
  name: string,
  args: readonly Value[],
  site: CallSite,
): Value {
  const [first] = args
  const { items } = list
  const each = (given: (item: Value) => readonly Value[] = (item) => [item]): Value[] =>
    first
      ? items.map((item) =>
          union(
            atomsOf(first).map((atom) => callAtom(evaluation, frame, atom, given(item), { ...site, handedOn: true })),
          ),
        )
      : []
  switch (name) {
    case 'map':
      return array(each(), list.complete)
    case 'flatMap':
      return array(
        each().flatMap((one) => (one.kind === 'array' ? one.items : [one])),
        list.complete,
      )
    case 'forEach':
    case 'some':
    case 'every':
    case 'findIndex':
      each()
      return unknown('it is computed')
    case 'filter':
    case 'sort':
    case 'toSorted':
      if (name === 'filter') each()
      return { ...list, complete: list.complete && name !== 'filter' }
    case 'find':
    case 'findLast':
      each()
      return eachOf(list)
    case 'reduce':
      return union([args[1] ?? eachOf(list), ...each((item) => [args[1] ?? item, item])])
    case 'at':
    case 'pop':
    case 'shift':
      return eachOf(list)
    case 'concat':
      return array([...list.items, ...args.flatMap((one) => (one.kind === 'array' ? one.items : [one]))], list.complete)
    case 'slice':
    case 'reverse':
    case 'toReversed':
    case 'flat':
      return { ...list }
    case 'join':
      return joined(
        list.complete ? items : [...items, { ...unknown('it is an item of a list'), more: true }],
        first?.kind === 'text' ? first.text : ',',
      )
    default:
      return (
        callPromiseMethod(evaluation, frame, list, name, args, site) ?? unknown(`"${name}" of a list is not followed`)
      )
  }
}

function joined(items: readonly Value[], separator: string): Value {
  return concatenate(items.flatMap((item, at) => (at === 0 ? [item] : [text(separator), item])))
}

/** What a method of a string gives. */
export function callTextMethod(value: TextValue | TemplateValue, name: string, args: readonly Value[]): Value {
  if (name === 'concat') return concatenate([value, ...args])
  if (name === 'toString' || name === 'valueOf') return value
  if (value.kind === 'template') return name === 'trim' ? value : unknown('it is made of parts that are not known')
  const change = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined
  return change ? { ...value, text: change(value.text) } : unknown(`"${name}" of a string is not followed`)
}

const CHANGES: Readonly<Record<string, (text: string) => string>> = {
  trim: (value) => value.trim(),
  trimStart: (value) => value.trimStart(),
  trimEnd: (value) => value.trimEnd(),
  toLowerCase: (value) => value.toLowerCase(),
  toUpperCase: (value) => value.toUpperCase(),
}
