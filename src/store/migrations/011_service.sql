-- Which of two documents that were handed in at one time came later: the number of the queued one.
ALTER TABLE gouji.revisions ADD COLUMN queued bigint;
-- When its bytes were handed in first, where it is queued again; NULL: when it was queued.
ALTER TABLE gouji.queued ADD COLUMN handed_in timestamptz;

-- Found by the report, among as many as a list of agencies asks for.
CREATE INDEX rechecks_report ON gouji.rechecks (report);

-- The latest outcome of a path, and those that are no report: few of all that there ever were.
CREATE INDEX run_items_latest ON gouji.run_items (path, id);
DROP INDEX gouji.run_items_path;
CREATE INDEX run_items_unread ON gouji.run_items (id) WHERE outcome IN ('failed', 'not_a_report');
CREATE INDEX readings_wanting ON gouji.readings (id) WHERE notices @> '[{"data": {"wants": "ocr"}}]'::jsonb;

-- The original by which the place of all others is known: see src/store/originals.ts.
CREATE TABLE gouji.originals (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  mark text NOT NULL
);
