import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import pc from 'picocolors'
import type { Place } from '../interaction.ts'
import type { TableClass } from '../interaction-map.ts'

/** What the map is printed on. */
export interface Terminal {
  readonly columns: number
  /** False where it is read by a program: then nothing is cut or left out. */
  readonly isTTY: boolean
  bold(text: string): string
  dim(text: string): string
  ofClass(name: TableClass, text: string): string
  /** The place as editors and terminals know it, `file:line:column`, as a link where the terminal has links. */
  link(place: Place): string
}

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
}

const WIDTH = 80

/** `root`: the folder from which the paths of places are. Colours and links only where a person sees them. */
export function describeTerminal(
  stream: Stream,
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): Terminal {
  const isTTY = stream.isTTY === true
  const plain = env.NO_COLOR !== undefined && env.NO_COLOR !== ''
  const colours = pc.createColors(isTTY && !plain && env.TERM !== 'dumb')
  const links = isTTY && hasLinks(env)
  const byClass: { readonly [one in TableClass]: (text: string) => string } = {
    critical: colours.red,
    important: colours.blue,
    legacy: colours.dim,
    unknown: colours.yellow,
  }
  return {
    columns: Math.max(40, (isTTY ? stream.columns : undefined) ?? WIDTH),
    isTTY,
    bold: colours.bold,
    dim: colours.dim,
    ofClass: (name, text) => byClass[name](text),
    link: (place) => {
      const text = `${shown(place.file)}:${place.line}:${place.column}`
      return links ? hyperlink(fileUrl(root, place.file), text) : text
    },
  }
}

/** A name of a file can hold signs that command the terminal. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?')
}

/** OSC 8; the host tells a terminal over SSH that the file isn't its own. */
function hyperlink(url: string, text: string): string {
  return `\u001b]8;;${url}\u001b\\${text}\u001b]8;;\u001b\\`
}

function fileUrl(root: string, file: string): string {
  return pathToFileURL(resolve(root, file)).href.replace(/^file:\/\//, `file://${encodeURIComponent(hostname())}`)
}

/** Terminals that show links; others would show what stands around them. FORCE_HYPERLINK decides where it is set. */
function hasLinks(env: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_HYPERLINK, TERM_PROGRAM, VTE_VERSION, WT_SESSION, TERM, CI, KONSOLE_VERSION, TERMINAL_EMULATOR } = env
  if (FORCE_HYPERLINK !== undefined) return FORCE_HYPERLINK !== '0'
  if (CI || TERM === 'dumb') return false
  if (WT_SESSION || Number(VTE_VERSION ?? 0) >= 5000 || Number(KONSOLE_VERSION ?? 0) >= 201200) return true
  if (/kitty|alacritty|ghostty|foot|wezterm/.test(TERM ?? '')) return true
  if (TERMINAL_EMULATOR === 'JetBrains-JediTerm') return true
  return /^(iTerm\.app|WezTerm|vscode|ghostty|Hyper|Tabby|WarpTerminal)$/.test(TERM_PROGRAM ?? '')
}
