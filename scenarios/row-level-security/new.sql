create table papers (
  id uuid primary key,
  owner_name text not null,
  body text,
  summary text,
  is_public boolean not null default false,
  secret text
);
alter table papers enable row level security;
alter table papers force row level security;
create policy papers_own on papers to scenario_member
  using (owner_name = current_setting('app.user', true)) with check (owner_name = current_setting('app.user', true));
create policy papers_public on papers for select to scenario_anon using (is_public);

create table mail (id integer primary key, owner_name text not null, words text, weight numeric(6,2));
