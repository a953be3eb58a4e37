export interface MigrationDifference { readonly folder: string }
