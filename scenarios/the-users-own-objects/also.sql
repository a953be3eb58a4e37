create or replace function title_of(bigint) returns text language sql stable as
$$ select title from articles where article_id = $1 $$;

create or replace function post_count() returns bigint language sql stable begin atomic select count(*) from articles; end;

create or replace function note_title() returns trigger language plpgsql as $$
begin
  new.title_then := (select title from articles where article_id = new.post_id);
  return new;
end $$;
