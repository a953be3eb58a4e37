import { codeWidth, cutToCells, proseWidth } from '../queries/text-width.ts'
import type { Box, BoxShape, Size } from './drawing.ts'

/** Sizes of text and of what is around it, in pixels. */
export const TITLE_SIZE = 13
export const NOTE_SIZE = 11
export const ROW_SIZE = 12
export const ROW_HEIGHT = 20
export const PADDING = 12
/** For the mark of a table's class. */
const MARK = 16
const GAP = 24
const HEADER = 46
const LONGEST_LABEL = 44
/** Rows that stand under each other before a second column begins. */
const ROWS_OF_A_COLUMN = 5

export function shapeOf(box: Box): BoxShape {
  const columns = box.rows.length > ROWS_OF_A_COLUMN ? 2 : 1
  const columnWidth = box.rows.reduce((widest, row) => Math.max(widest, rowWidth(row.label, row.note)), 0)
  const lines = Math.ceil(box.rows.length / columns)
  const rowsWidth = columns * columnWidth + (columns - 1) * GAP
  const titleWidth = MARK + codeWidth(titleOf(box), TITLE_SIZE)
  const noteWidth = MARK + proseWidth(box.note, NOTE_SIZE)
  return {
    width: Math.ceil(2 * PADDING + Math.max(rowsWidth, titleWidth, noteWidth)),
    height: HEADER + (lines > 0 ? lines * ROW_HEIGHT + PADDING - 4 : 0),
    columns,
    columnWidth,
  }
}

/** Its rows fill the box as well. */
export function widen(shape: BoxShape, width: number): BoxShape {
  return { ...shape, width, columnWidth: Math.floor((width - 2 * PADDING - (shape.columns - 1) * GAP) / shape.columns) }
}

export function titleOf({ title }: { readonly title: string }): string {
  return cutToCells(title, LONGEST_LABEL)
}

export function labelOf(label: string): string {
  return cutToCells(label, LONGEST_LABEL)
}

/** What the label of a line takes, with what is around it. */
export function labelSize(label: string): Size {
  return { width: Math.ceil(proseWidth(label, NOTE_SIZE)) + 8, height: 16 }
}

/** The left upper corner of a row within its box. */
export function rowOffset(index: number, count: number, { columns, columnWidth }: BoxShape): { x: number; y: number } {
  const lines = Math.ceil(count / columns)
  return {
    x: PADDING + Math.floor(index / lines) * (columnWidth + GAP),
    y: HEADER + (index % lines) * ROW_HEIGHT,
  }
}

function rowWidth(label: string, note: string): number {
  return Math.ceil(MARK + codeWidth(labelOf(label), ROW_SIZE) + 14 + codeWidth(note, NOTE_SIZE))
}
