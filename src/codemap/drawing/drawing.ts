import type { TableClass } from '../interaction-map.ts'

/** A box with a title and, if it stands for several things, a row for each. */
export interface Box {
  readonly id: string
  readonly kind: 'files' | 'tables'
  readonly title: string
  readonly note: string
  readonly tooltip: string
  /** Of a box that stands for one table. */
  readonly class?: TableClass
  readonly link?: string
  readonly rows: readonly Row[]
}

/** One table or file in a box. */
export interface Row {
  readonly id: string
  readonly label: string
  readonly note: string
  readonly tooltip: string
  readonly class?: TableClass
  readonly link?: string
  /** Ids of the rows that it has to do with: they stay bright while the pointer is on it. */
  readonly related: readonly string[]
}

/** What flows between two boxes. */
export interface Line {
  readonly from: string
  readonly to: string
  readonly kind: 'writes' | 'reads' | 'both'
  /** How many accesses it stands for. */
  readonly weight: number
  readonly label: string
  readonly tooltip: string
  /** Ids of the rows at its ends that it stands for. */
  readonly related: readonly string[]
}

export interface Drawing {
  readonly title: string
  readonly subtitle: string
  readonly direction: 'right' | 'down'
  readonly boxes: readonly Box[]
  readonly lines: readonly Line[]
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** The left upper corner and the size. */
export interface Area extends Point, Size {}

/** How the rows of a box lie in it. */
export interface BoxShape extends Size {
  readonly columns: number
  readonly columnWidth: number
}

/** Where everything goes, in pixels. */
export interface Layout extends Size {
  readonly areas: ReadonlyMap<string, Area>
  /** By line, the points that it goes through; straight or in a curve from one to the next. */
  readonly ways: ReadonlyMap<Line, readonly Point[]>
  /** The middle of each label. */
  readonly labels: ReadonlyMap<Line, Point>
  readonly shapes: ReadonlyMap<string, BoxShape>
}
