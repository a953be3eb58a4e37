create table categories (
  category_id integer primary key,
  above integer references categories (category_id),
  title text not null
);
create index on categories (above);
