-- What outsiders are told of a property's types is what they see of its values: `types` has those of hidden ones too.
alter table catalogue_queryables add column shown_types text not null default '';

-- A document that the rules of today refuse: outsiders see that it is there and when, and nothing else of it. It has no
-- place in any index, so that nobody finds it by what he may not see.
alter table catalogue_items add column is_masked boolean not null default false;
