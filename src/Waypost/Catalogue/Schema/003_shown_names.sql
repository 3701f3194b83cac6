-- A property may be shown to outsiders in one item and hidden in another: `is_hidden` says that some item hides it,
-- `is_shown` that some item shows it.
alter table catalogue_queryables add column is_shown boolean not null default false;

-- The title as outsiders may see it; null where they may not.
alter table catalogue_collections add column external_title text;
