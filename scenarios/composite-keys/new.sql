create table stock (
  article bigint not null,
  warehouse text not null,
  quantity integer,
  reserved integer,
  shelf text,
  counted_at timestamptz,
  primary key (warehouse, article)
);
