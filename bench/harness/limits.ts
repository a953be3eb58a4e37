/** By the name of a measure: what was tried, and what limits a figure that is not reached. */
export const LIMITS: Readonly<Record<string, string>> = {}
