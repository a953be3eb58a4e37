create table work_items (
  id integer primary key,
  parent_id integer,
  title text,
  state text,
  open_children integer,
  comments integer,
  note text,
  noted_by text,
  changes integer,
  updated_at timestamptz
);
create function refuse_gone() returns trigger language plpgsql as $$
begin
  if new.state = 'done' then new.note := 'stamped by the new trigger'; end if;
  return new;
end $$;
create trigger new_rules before update on work_items for each row execute function refuse_gone();
