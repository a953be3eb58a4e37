/** Schemas of our own in the user's database. */
export const CONTROL = 'crossfade'
export const COMPAT = 'crossfade_compat'
