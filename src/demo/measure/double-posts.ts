import type { PostEntry } from '../application/activity.ts'

/** How many posts went out that had gone out before, over the logs of all posters. */
export function countDoublePosts(posts: readonly PostEntry[]): number {
  return posts.length - new Set(posts.map((post) => post.key)).size
}
