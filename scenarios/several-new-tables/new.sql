create table members (
  member_id uuid primary key default gen_random_uuid(),
  email text,
  nickname text,
  points integer not null default 0,
  created_at timestamptz
);
create table purchases (
  purchase_no integer primary key,
  member_id uuid not null references members (member_id),
  amount numeric(10, 2) not null,
  state text not null default 'open'
);
create index on purchases (member_id);
create table audit_trail (
  id bigserial primary key,
  line text not null,
  at timestamptz not null default now()
);
