import type { StyleDefinition } from '../style.ts'
import { supabase } from './supabase/model.ts'

/** Every way to the database that is known. */
export const STYLES: readonly StyleDefinition[] = [supabase]
