-- SQLite's indexes of places and of words are given new rows by the code that inserts them (Tx.Index): a trigger makes
-- SQLite keep a journal for every row, which took as long as all the rest of the writing.
-- only sqlite
drop trigger catalogue_items_place_in;
drop trigger catalogue_words_in;
