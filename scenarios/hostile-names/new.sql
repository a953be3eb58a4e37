create table "New ""table"".with: $$everything$$ and % of 63 bytes, really!" (
  "crossfade" text,
  "The ""Key""" text not null,
  "a.b c" text,
  "%I 100%" integer,
  "back\slash" text,
  "NEW" text,
  "quote'd" text,
  "TG_OP" text,
  "$x$ $crossfade$" text,
  "OLD" text,
  unique ("The ""Key""")
);
