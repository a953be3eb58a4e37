import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    deliveries: merge({
      key: 'order_id',
      sources: {
        shop_orders: {
          columns: {
            customer_name: { via: 'customers', on: { from: 'customer', to: 'no' }, take: 'name', otherwise: 'null' },
          },
        },
        scans: {
          key: {
            via: 'parcels',
            on: 'tracking',
            take: { via: 'shop_orders', on: 'order_ref', take: 'order_id', pick: 'latest by placed_at' },
            otherwise: 'omit',
          },
          latestBy: 'scanned_at',
        },
      },
    }),
  },
  keep: ['parcels', 'customers'],
})
