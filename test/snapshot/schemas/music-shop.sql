-- A shop for music whose names are all in mixed case, as tools of another world make them.
CREATE SCHEMA "Shop";
SET search_path = "Shop";
CREATE TABLE "Artist" ("ArtistId" integer NOT NULL, "Name" varchar(120), CONSTRAINT "PK_Artist" PRIMARY KEY ("ArtistId"));
CREATE TABLE "Album" (
  "AlbumId" integer NOT NULL, "Title" varchar(160) NOT NULL, "ArtistId" integer NOT NULL,
  CONSTRAINT "PK_Album" PRIMARY KEY ("AlbumId"),
  CONSTRAINT "FK_AlbumArtistId" FOREIGN KEY ("ArtistId") REFERENCES "Artist" ON DELETE NO ACTION ON UPDATE NO ACTION
);
CREATE INDEX "IFK_AlbumArtistId" ON "Album" ("ArtistId");
CREATE TABLE "Staff" (
  "StaffId" integer NOT NULL, "LastName" varchar(20) NOT NULL, "FirstName" varchar(20) NOT NULL, "Title" varchar(30),
  "ReportsTo" integer, "BirthDate" timestamp, "HireDate" timestamp(0), "Address" varchar(70), "Fax" varchar(24),
  CONSTRAINT "PK_Staff" PRIMARY KEY ("StaffId"),
  CONSTRAINT "FK_StaffReportsTo" FOREIGN KEY ("ReportsTo") REFERENCES "Staff"
);
CREATE TABLE "Client" (
  "ClientId" integer GENERATED ALWAYS AS IDENTITY, "FirstName" varchar(40) NOT NULL, "LastName" varchar(20) NOT NULL,
  "Company" varchar(80), "Email" varchar(60) NOT NULL, "SupportRepId" integer,
  "Full Name" text GENERATED ALWAYS AS ("FirstName" || ' ' || "LastName") STORED,
  CONSTRAINT "PK_Client" PRIMARY KEY ("ClientId"),
  CONSTRAINT "FK_ClientSupportRepId" FOREIGN KEY ("SupportRepId") REFERENCES "Staff"
);
CREATE TABLE "Bill" (
  "BillId" integer PRIMARY KEY, "ClientId" integer NOT NULL REFERENCES "Client", "BillDate" timestamp NOT NULL,
  "BillingCountry" varchar(40) DEFAULT 'United "States"', "Total" numeric(10,2) NOT NULL
);
CREATE TABLE "Kind" ("KindId" integer PRIMARY KEY, "Name" varchar(120) UNIQUE NULLS NOT DISTINCT);
CREATE TABLE "Track" (
  "TrackId" integer PRIMARY KEY, "Name" varchar(200) NOT NULL, "AlbumId" integer REFERENCES "Album", "KindId" integer REFERENCES "Kind",
  "Composer" varchar(220), "Milliseconds" integer NOT NULL, "Bytes" integer, "UnitPrice" numeric(10,2) NOT NULL,
  CONSTRAINT "Price > 0" CHECK ("UnitPrice" > 0)
);
CREATE TABLE "BillLine" (
  "BillLineId" integer PRIMARY KEY, "BillId" integer NOT NULL REFERENCES "Bill", "TrackId" integer NOT NULL REFERENCES "Track",
  "UnitPrice" numeric(10,2) NOT NULL, "Quantity" integer NOT NULL
);
CREATE TABLE "Playlist" ("PlaylistId" integer PRIMARY KEY, "Name" varchar(120));
CREATE TABLE "PlaylistTrack" (
  "PlaylistId" integer NOT NULL REFERENCES "Playlist", "TrackId" integer NOT NULL REFERENCES "Track",
  CONSTRAINT "PK_PlaylistTrack" PRIMARY KEY ("PlaylistId", "TrackId")
);
CREATE INDEX "IFK_PlaylistTrackTrackId" ON "PlaylistTrack" ("TrackId");
CREATE VIEW "Top Sellers" ("Artist", "Sum of Sales") AS
  SELECT r."Name", sum(l."UnitPrice" * l."Quantity"::numeric)
  FROM "BillLine" l JOIN "Track" t USING ("TrackId") JOIN "Album" USING ("AlbumId") JOIN "Artist" r USING ("ArtistId")
  GROUP BY r."ArtistId";
CREATE FUNCTION "AddToPlaylist"("TheList" integer, "Tracks" integer[]) RETURNS integer LANGUAGE plpgsql AS $Body$
begin
  insert into "Shop"."PlaylistTrack" select "TheList", unnest("Tracks") on conflict do nothing;
  return array_length("Tracks", 1);
end
$Body$;
COMMENT ON TABLE "Track" IS 'One "Track" of an Album';
RESET search_path;
