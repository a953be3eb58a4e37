create type device_state as enum ('active', 'idle', 'retired');
create table devices (
  id integer primary key,
  name varchar(60) not null,
  temperature numeric(7,4),
  price numeric(20,2),
  state device_state not null,
  color text,
  settings jsonb not null default '{}',
  tags text[],
  seen_at timestamptz
);
