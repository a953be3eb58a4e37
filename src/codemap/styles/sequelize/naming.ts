import { pluralize, singularize, underscore } from 'inflection'

/** `UserProfile` → `user_profile`, each capital letter with its own underscore, as Sequelize does it. */
export function snakeName(name: string): string {
  return underscore(name)
}

export function pluralName(name: string): string {
  return pluralize(name)
}

export function singularName(name: string): string {
  return singularize(name)
}

/** `author_id` → `authorId`; the first letter stays. */
export function camelName(name: string): string {
  return name.trim().replaceAll(/[-_\s]+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? '')
}

/** `comments` → `Comments`, as in `getComments`. */
export function capitalName(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
