-- Room on the page for what changes right after a row was made: its new version then needs no entry in any index, of which the
-- one on pieces of text is the dearest.
ALTER TABLE gouji.readings SET (fillfactor = 75);
ALTER TABLE gouji.reports SET (fillfactor = 80);
ALTER TABLE gouji.revisions SET (fillfactor = 80);
