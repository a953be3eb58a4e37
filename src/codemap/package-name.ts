/**
 * The package that a specifier means, as npm would name it: without the registry and the version that Deno and CDNs
 * write into it. `npm:@supabase/supabase-js@2` and `https://esm.sh/pg@8.11.0` are `@supabase/supabase-js` and `pg`.
 */
export function packageSpecifier(specifier: string): string {
  const bare = specifier
    .replace(/^(npm|jsr):\/?/, '')
    .replace(
      /^https?:\/\/(esm\.sh|esm\.run|cdn\.skypack\.dev|cdn\.jsdelivr\.net\/npm|unpkg\.com|deno\.land\/x)\/(v\d+\/)?/,
      '',
    )
    .replace(/\?.*$/, '')
  return bare.replace(/^((?:@[^/]+\/)?[^/@]+)@[^/]+/, '$1')
}
