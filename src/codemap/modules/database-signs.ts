/** A name of a library that speaks to a database. */
const LIBRARIES =
  /supabase|postgres|prisma|drizzle|kysely|knex|objection|typeorm|sequelize|umzug|slonik|neondatabase|\bpg\b/i

/** A client that some other file has put there. */
const GLOBALS =
  /\b(globalThis|global|window)\.\w+(`|\.(from|rpc|query|select|insert|update|delete|create|raw|unsafe|execute|transaction|find\w*)\()/

/** SQL is written small or large; "Delete from" is a sentence. */
const STATEMENTS =
  /['"`(]\s*((select|SELECT)\s[^;]{1,2000}?\s(from|FROM)\s|(with|WITH)\s(recursive\s|RECURSIVE\s)?\S+\s(as|AS)\s)|\b(insert into|INSERT INTO|delete from|DELETE FROM|truncate table|TRUNCATE TABLE|(create|alter|drop) table|(CREATE|ALTER|DROP) TABLE)\b|\b(update\s\S+\sset|UPDATE\s\S+\sSET)\b/

/**
 * Whether a text has a sign of a database. Programs of a repository in which no file has one (the pages, where what they
 * ask for is another program) need not be followed.
 */
export function hasDatabaseSigns(text: string): boolean {
  return LIBRARIES.test(text) || STATEMENTS.test(text) || GLOBALS.test(text)
}
