-- Rows of a thousand items are copied in at once, each under the lock of its collection, and whoever removes an item
-- removes what belongs to it in the same transaction (ItemRows.cs): to look up each row's references one by one took as
-- long as writing them. And bodies are kept compressed by the method that takes a tenth of the time, where the server
-- has it.
-- only postgres
alter table catalogue_items drop constraint catalogue_items_org_collection_fkey;
alter table catalogue_bodies drop constraint catalogue_bodies_row_id_fkey;
alter table catalogue_properties drop constraint catalogue_properties_row_id_fkey;
alter table catalogue_text drop constraint catalogue_text_row_id_fkey;
do $$
begin
    execute 'alter table catalogue_bodies alter column body set compression lz4,
        alter column external set compression lz4';
    execute 'alter table catalogue_history alter column body set compression lz4';
    execute 'alter table catalogue_properties alter column properties set compression lz4,
        alter column external set compression lz4';
exception when feature_not_supported or syntax_error then
    null;
end $$;
