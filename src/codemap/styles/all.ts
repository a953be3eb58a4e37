import type { StyleDefinition } from '../style.ts'
import { drizzleStyle } from './drizzle/drizzle-style.ts'
import { knexStyle } from './knex/model.ts'
import { kyselyStyle } from './kysely/model.ts'
import { pg } from './pg/model.ts'
import { postgresJs } from './postgres-js/model.ts'
import { prismaStyle } from './prisma/prisma-style.ts'
import { sequelizeStyle } from './sequelize/model.ts'
import { supabase } from './supabase/model.ts'
import { typeormStyle } from './typeorm/typeorm-style.ts'

/** Every way to the database that is known. */
export const STYLES: readonly StyleDefinition[] = [
  supabase,
  prismaStyle,
  drizzleStyle,
  kyselyStyle,
  knexStyle,
  sequelizeStyle,
  typeormStyle,
  pg,
  postgresJs,
]
