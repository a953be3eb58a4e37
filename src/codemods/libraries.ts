/** The libraries that make clients, and the two halves of Crossfade that wrap them. */
export type Library = 'supabase-js' | 'ssr' | 'auth-helpers' | 'pg' | OwnLibrary
export type OwnLibrary = 'own/supabase' | 'own/pg'

/** As Node writes it (`pg`), Deno (`npm:pg@8`), or a server of modules (`https://esm.sh/pg`); with or without a version. */
const PREFIX = String.raw`^(?:npm:|jsr:|https?:\/\/[^?]*?\/)?`
const VERSION = '(?:@[^/?]+)?'
const END = '(?:[/?].*)?$'

const LIBRARIES: readonly (readonly [RegExp, Library])[] = [
  [new RegExp(`${PREFIX}@supabase/supabase-js${VERSION}${END}`), 'supabase-js'],
  [new RegExp(`${PREFIX}@supabase/ssr${VERSION}${END}`), 'ssr'],
  [new RegExp(`${PREFIX}@supabase/auth-helpers-[a-z]+${VERSION}${END}`), 'auth-helpers'],
  [new RegExp(`${PREFIX}pg-crossfade${VERSION}/supabase$`), 'own/supabase'],
  [new RegExp(`${PREFIX}pg-crossfade${VERSION}/pg$`), 'own/pg'],
  [new RegExp(`${PREFIX}pg${VERSION}(?:\\?.*)?$`), 'pg'],
]

export function libraryOf(specifier: string): Library | null {
  return LIBRARIES.find(([pattern]) => pattern.test(specifier))?.[1] ?? null
}

/** Where a file imports its half of Crossfade from: as it does the library itself. */
export function ownSpecifier(own: OwnLibrary, specifier: string): string {
  const path = own === 'own/pg' ? 'pg-crossfade/pg' : 'pg-crossfade/supabase'
  return /^(npm|jsr|https?):/.test(specifier) ? `npm:${path}` : path
}

/** Whether a text may make a client at all, or wrap one: what need not be parsed is most of a project. */
export function mayMakeClients(text: string): boolean {
  return /@supabase\/(supabase-js|ssr|auth-helpers-)|\bpg-crossfade\b|['"`/:]pg['"`@?]/.test(text)
}
