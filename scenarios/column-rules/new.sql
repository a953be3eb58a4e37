create table people (
  id integer primary key,
  name text,
  phone text,
  city text,
  email text,
  score integer,
  visits integer not null default 0,
  status text,
  tier text,
  channel text
);
