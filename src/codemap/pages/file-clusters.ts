import { compareText } from '../queries/tables.ts'

/** Files of one folder, or of a folder and those below it. */
export interface FileCluster {
  /** The folder from the root with a slash at the end; `./` for files of the root. */
  readonly name: string
  readonly files: readonly string[]
}

/**
 * At most `most` folders that hold all files between them: a folder is opened into those below it as long as that is
 * possible, the one with the most weight first. So a program of one `src/` is shown by what is in it.
 */
export function clusterFiles(files: readonly string[], weight: (file: string) => number, most: number): FileCluster[] {
  let clusters: FileCluster[] = [{ name: './', files }]
  const shut = new Set<string>()
  for (;;) {
    const open = clusters
      .filter(({ name }) => !shut.has(name))
      .sort((a, b) => sum(b.files, weight) - sum(a.files, weight))
    const largest = open[0]
    if (largest === undefined) break
    const parts = openFolder(largest)
    if (parts.length === 1 && parts[0]?.name === largest.name) shut.add(largest.name)
    else if (clusters.length - 1 + parts.length > most || isScattered(parts, largest)) shut.add(largest.name)
    else {
      // Files that lie in the opened folder itself stay under its name, and that can't be opened any more.
      shut.add(largest.name)
      clusters = [...clusters.filter((one) => one !== largest), ...parts]
    }
  }
  return clusters.sort((a, b) => compareText(a.name, b.name))
}

/** A folder of folders with a file each (routes) says more as one. A single folder below is only gone through. */
function isScattered(parts: readonly FileCluster[], { files }: FileCluster): boolean {
  return parts.length > 1 && parts.length > 0.75 * files.length
}

function openFolder({ name, files }: FileCluster): FileCluster[] {
  const prefix = name === './' ? '' : name
  const parts = new Map<string, string[]>()
  for (const file of files) {
    const rest = file.slice(prefix.length)
    const below = rest.includes('/') ? `${prefix}${rest.slice(0, rest.indexOf('/') + 1)}` : name
    parts.set(below, [...(parts.get(below) ?? []), file])
  }
  return [...parts].map(([folder, some]) => ({ name: folder, files: some }))
}

function sum(files: readonly string[], weight: (file: string) => number): number {
  return files.reduce((total, file) => total + weight(file), 0)
}
