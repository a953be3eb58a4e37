import { describe } from 'vitest'
import { TOOLS } from './migration-project.ts'
import { testTool } from './migration-tool.ts'

describe('supabase', () => testTool(TOOLS.supabase))
describe('drizzle', () => testTool(TOOLS.drizzle))
describe('prisma', () => testTool(TOOLS.prisma))
