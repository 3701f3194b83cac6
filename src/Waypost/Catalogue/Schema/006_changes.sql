-- A deletion is told only to those who could have seen what was deleted.
alter table catalogue_history add column is_hidden boolean not null default false;
