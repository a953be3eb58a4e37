import type { Casing } from './casing.ts'

/** Where a client of a library is made, and how. */
export interface Home {
  readonly file: string
  /** False where it is certain that it leads to another kind of database. */
  readonly postgres: boolean
  readonly casing: Casing | null
  /** Tells the clients of one program apart; empty where nothing does. */
  readonly key: string
}

/** The clients that a program makes, so that one of which only the type is known can be told by them. */
export interface Homes {
  add(home: Home): Home
  /** Of clients with the key (any, where there is none), those that are made nearest to the file. */
  find(file: string, key: string): Home
}

export function createHomes(mayReach: (file: string) => boolean = () => true): Homes {
  const all = new Map<string, Home>()
  return {
    add(home) {
      const id = JSON.stringify([home.file, home.postgres, home.casing !== null, home.key])
      const known = all.get(id) ?? home
      all.set(id, known)
      return known
    },
    find(file, key) {
      const homes = [...all.values()]
      const same = homes.filter((home) => key !== '' && home.key === key)
      const near = nearest(same.length > 0 ? same : homes, file)
      // The other kinds of database are for tests and for caches as a rule.
      const usual = near.find((home) => home.postgres) ?? near[0]
      return usual ?? { file, postgres: mayReach(file), casing: null, key }
    },
  }
}

function nearest(homes: readonly Home[], file: string): readonly Home[] {
  const shared = (home: Home): number => {
    const [ours, theirs] = [file.split('/').slice(0, -1), home.file.split('/').slice(0, -1)]
    const differ = ours.findIndex((part, at) => part !== theirs[at])
    return differ === -1 ? ours.length : differ
  }
  const most = Math.max(0, ...homes.map(shared))
  return homes.filter((home) => shared(home) === most)
}
