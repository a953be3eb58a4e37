import type { Source } from './source.ts'

/** The text from `start` to `end` becomes `text`. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export function insert(at: number, text: string): Edit {
  return { start: at, end: at, text }
}

/** In the order of the text; of two at one place the one that was made first comes first. */
export function inOrder(edits: readonly Edit[]): Edit[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end)
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  let changed = ''
  let at = 0
  for (const edit of inOrder(edits)) {
    changed += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return changed + text.slice(at)
}

/** Removes what stands between two offsets, but for comments: those are a person's. */
export function remove(source: Source, start: number, end: number): Edit[] {
  const edits: Edit[] = []
  let at = start
  for (const comment of source.comments) {
    if (comment.start < start || comment.end > end) continue
    if (comment.start > at) edits.push({ start: at, end: comment.start, text: spaceBefore(source.text, comment.start) })
    // What follows must not become part of it.
    const next = comment.type === 'Line' ? source.text.indexOf('\n', comment.end) + 1 : comment.end
    at = Math.max(comment.end, Math.min(next === 0 ? end : next, end))
  }
  if (end > at) edits.push({ start: at, end, text: '' })
  return edits
}

function spaceBefore(text: string, at: number): string {
  return /\s/.test(text[at - 1] ?? '') ? ' ' : ''
}

/** Whether a comment stands between two offsets. */
export function hasComment(source: Source, start: number, end: number): boolean {
  return source.comments.some((comment) => comment.start >= start && comment.end <= end)
}

/** Where the next thing begins that is neither blank nor comment; the end of the text where nothing follows. */
export function nextToken(source: Source, from: number): number {
  let at = from
  for (;;) {
    while (at < source.text.length && /\s/.test(source.text[at] as string)) at += 1
    const comment = source.comments.find((one) => one.start === at)
    if (comment === undefined) return at
    at = comment.end
  }
}

/** As `nextToken`, but a comment is something, too. */
export function nextThing(text: string, from: number): number {
  let at = from
  while (at < text.length && /\s/.test(text[at] as string)) at += 1
  return at
}
