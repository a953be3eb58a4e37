create table deliveries (
  order_id uuid primary key default gen_random_uuid(),
  order_ref text,
  customer_name text,
  total numeric(10, 2),
  depot text,
  scanned_at timestamptz,
  placed_at timestamptz
);
