import { applyEdits, type Edit, inOrder } from './edits.ts'
import { lineOf } from './source.ts'

const CONTEXT = 3

/** Lines of the old text, from a number that counts from 0, and what they become. */
interface Block {
  readonly from: number
  readonly old: readonly string[]
  readonly new: readonly string[]
}

/** What edits change in a text, as `patch` and `git apply` take it. '' where they change nothing. */
export function unifiedDiff(file: string, text: string, edits: readonly Edit[]): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const blocks = blocksOf(text, lines, edits)
  if (blocks.length === 0) return ''
  let hunks = ''
  let shift = 0
  for (let at = 0; at < blocks.length; ) {
    const hunk: Block[] = []
    for (let block = blocks[at]; block; block = blocks[++at]) {
      const last = hunk.at(-1)
      if (last !== undefined && block.from - (last.from + last.old.length) > 2 * CONTEXT) break
      hunk.push(block)
    }
    const written = writeHunk(lines, hunk, shift)
    hunks += written.text
    shift = written.shift
  }
  return `--- a/${file}\n+++ b/${file}\n${hunks}`
}

/** The lines that edits touch, those side by side together, without what stays the same at both ends. */
function blocksOf(text: string, lines: readonly string[], edits: readonly Edit[]): Block[] {
  const spans: { from: number; to: number; edits: Edit[] }[] = []
  for (const edit of inOrder(edits)) {
    const [from, to] = [lineOf(text, edit.start) - 1, lineOf(text, edit.end) - 1]
    const last = spans.at(-1)
    if (last !== undefined && from <= last.to + 1) {
      last.to = Math.max(last.to, to)
      last.edits.push(edit)
    } else spans.push({ from, to, edits: [edit] })
  }
  return spans.flatMap(({ from, to, edits: own }) => {
    const old = lines.slice(from, to + 1)
    const offset = lines.slice(0, from).join('').length
    const moved = own.map((one) => ({ ...one, start: one.start - offset, end: one.end - offset }))
    const changed = applyEdits(old.join(''), moved).match(/[^\n]*\n|[^\n]+$/g) ?? []
    return trim({ from, old, new: changed })
  })
}

function trim(block: Block): Block[] {
  let [from, end, endNew] = [0, block.old.length, block.new.length]
  while (from < end && from < endNew && block.old[from] === block.new[from]) from++
  while (end > from && endNew > from && block.old[end - 1] === block.new[endNew - 1]) {
    end--
    endNew--
  }
  if (from === end && from === endNew) return []
  return [{ from: block.from + from, old: block.old.slice(from, end), new: block.new.slice(from, endNew) }]
}

function writeHunk(lines: readonly string[], hunk: readonly Block[], shift: number): { text: string; shift: number } {
  const [first, last] = [hunk[0] as Block, hunk.at(-1) as Block]
  const from = Math.max(0, first.from - CONTEXT)
  const to = Math.min(lines.length, last.from + last.old.length + CONTEXT)
  let body = ''
  let at = from
  let added = 0
  for (const block of hunk) {
    body += lines.slice(at, block.from).map(marked(' ')).join('')
    body += block.old.map(marked('-')).join('') + block.new.map(marked('+')).join('')
    at = block.from + block.old.length
    added += block.new.length - block.old.length
  }
  body += lines.slice(at, to).map(marked(' ')).join('')
  const count = to - from
  const range = (start: number, length: number): string => `${length === 0 ? start : start + 1},${length}`
  return {
    text: `@@ -${range(from, count)} +${range(from + shift, count + added)} @@\n${body}`,
    shift: shift + added,
  }
}

function marked(mark: string): (line: string) => string {
  return (line) => `${mark}${line}${line.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`
}
