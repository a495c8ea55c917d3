-- Documents that came out of an archive: SHA-256 of the archive, beside the path `reports.zip!/folder/a.docx`.

ALTER TABLE gouji.revisions ADD COLUMN archive text;
ALTER TABLE gouji.attempts ADD COLUMN archive text;
ALTER TABLE gouji.run_items ADD COLUMN archive text;

CREATE OR REPLACE VIEW public.reports AS
SELECT r.id AS report_id, r.agency, r.year, d.form, d.status, v.sha256, v.origin, v.number AS revision, v.seen_at,
  d.id AS reading_id, d.reader, d.title, d.media_type, d.encoding, d.fact_count AS facts,
  d.errors, d.warnings, d.infos, d.holds AS rules_held, d.broken AS rules_broken, d.not_assessable AS rules_not_assessable,
  v.archive
FROM gouji.reports r
JOIN gouji.revisions v ON v.id = r.current_revision
JOIN gouji.readings d ON d.id = v.current_reading;

CREATE OR REPLACE VIEW public.run_items AS
SELECT run, path, outcome, reason ->> 'code' AS reason, reason -> 'data' AS reason_data, kind, bytes, sha256, reader,
  reading AS reading_id, milliseconds, archive
FROM gouji.run_items;
