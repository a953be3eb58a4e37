create table purchases (
  order_id uuid primary key default gen_random_uuid(),
  customer text,
  state text,
  note text,
  shipping text,
  placed_at timestamptz
);
