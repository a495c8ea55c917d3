-- Findings that are found at once by their id, reports in their order by an index, and a queue of what is to be judged anew.

ALTER TABLE gouji.findings ADD COLUMN report integer REFERENCES gouji.reports;
ALTER TABLE gouji.findings ADD COLUMN id text COLLATE "C";
-- Taken over from the reading before, and not judged on this one yet.
ALTER TABLE gouji.findings ADD COLUMN carried boolean NOT NULL DEFAULT false;
-- What it is since `gone_at`: `fixed` by another publication, or `withdrawn` since what it rests on is said no more.
ALTER TABLE gouji.findings ADD COLUMN gone_as text CHECK (gone_as IN ('fixed', 'withdrawn'));
UPDATE gouji.findings SET gone_as = 'fixed' WHERE gone_at IS NOT NULL;

-- A finding is that of the report which its reading took the document for, be it another one by the current reading.
UPDATE gouji.findings f SET report = r.id, id = gouji.finding_id(r.agency, r.year, r.alone, f.key)
FROM gouji.readings g
JOIN gouji.revisions v ON v.id = g.revision
LEFT JOIN gouji.reports n
  ON g.id <> v.current_reading AND n.alone IS NULL
    AND n.agency = g.identity ->> 'agency' AND n.year = (g.identity ->> 'year')::integer
LEFT JOIN gouji.reports s ON g.id <> v.current_reading AND s.alone = v.sha256 AND n.id IS NULL
JOIN gouji.reports r ON r.id = coalesce(n.id, s.id, v.report)
WHERE g.id = f.reading;

ALTER TABLE gouji.findings ALTER COLUMN report SET NOT NULL;
ALTER TABLE gouji.findings ALTER COLUMN id SET NOT NULL;
CREATE INDEX findings_id ON gouji.findings (id);
CREATE INDEX findings_report ON gouji.findings (report, key);
CREATE INDEX readings_revision ON gouji.readings (revision);
CREATE INDEX decisions_reading ON gouji.decisions (reading);

-- The order of every listing: see src/store/stored-report.ts.
CREATE INDEX reports_order ON gouji.reports
  ((agency IS NULL), (coalesce(agency, '')), (coalesce(year, 2147483647)), id);

CREATE TABLE gouji.rechecks (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  report integer NOT NULL REFERENCES gouji.reports,
  -- The reading that asks for it; NULL where the list of agencies does.
  asked_by integer REFERENCES gouji.readings
);
CREATE INDEX rechecks_asked_by ON gouji.rechecks (asked_by);
COMMENT ON TABLE gouji.rechecks IS 'Reports that are to be judged anew by the rules that need other reports.';
INSERT INTO gouji.rechecks (report, asked_by)
SELECT r.id, g.id FROM gouji.readings g
JOIN gouji.revisions v ON v.current_reading = g.id
JOIN gouji.reports r ON r.current_revision = v.id
WHERE g.rechecked_at IS NULL AND r.alone IS NULL
ORDER BY g.id;
DROP INDEX gouji.readings_pending;
ANALYZE gouji.reports, gouji.revisions, gouji.readings, gouji.findings, gouji.decisions;

DROP VIEW public.findings;
DROP VIEW gouji.past_findings;
DROP VIEW gouji.standing_findings;

-- Findings of all readings with what was decided about them last, as if they stood.
CREATE VIEW gouji.decided_findings AS
SELECT f.*,
  CASE
    WHEN d.action IS NULL OR d.action = 'reopened' OR d.figures <> gouji.finding_figures(f) THEN 'open'
    ELSE d.action
  END AS state,
  d.action IS NOT NULL AND d.action <> 'reopened' AND d.figures <> gouji.finding_figures(f) AS outdated,
  d.reason AS decision_reason, d.decided_by, d.decided_at
FROM gouji.findings f
LEFT JOIN LATERAL (
  SELECT * FROM gouji.decisions d WHERE d.report = f.report AND d.key = f.key ORDER BY d.id DESC LIMIT 1
) d ON true;

-- One row a finding of a current reading.
CREATE VIEW gouji.standing_findings AS
SELECT f.* FROM gouji.reports r
JOIN gouji.revisions v ON v.id = r.current_revision
JOIN gouji.decided_findings f ON f.reading = v.current_reading AND f.gone_at IS NULL AND NOT f.carried;

-- One row a finding that there was and is not now: fixed by a later publication; withdrawn, since the same bytes are read
-- otherwise or as another report; or unchecked, since the present reading was not judged yet or lacks what it is about.
CREATE VIEW gouji.past_findings AS
SELECT DISTINCT ON (f.report, f.key) f.*,
  CASE
    WHEN f.carried THEN 'unchecked'
    WHEN f.gone_at IS NOT NULL THEN f.gone_as
    WHEN v.report <> f.report OR v.id = c.id OR g.id <> v.current_reading THEN 'withdrawn'
    WHEN n.form IS NULL OR EXISTS (
      SELECT 1 FROM unnest(f.codes) AS code
      WHERE NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements(n.tables) AS t
        WHERE t ->> 'table' = split_part(code, '.', 1)
      )
    ) THEN 'unchecked'
    ELSE 'fixed'
  END AS state,
  false AS outdated, d.reason AS decision_reason, d.decided_by, d.decided_at
FROM gouji.findings f
JOIN gouji.reports r ON r.id = f.report
JOIN gouji.readings g ON g.id = f.reading
JOIN gouji.revisions v ON v.id = g.revision
LEFT JOIN gouji.revisions c ON c.id = r.current_revision
LEFT JOIN gouji.readings n ON n.id = c.current_reading
LEFT JOIN LATERAL (
  SELECT * FROM gouji.decisions d WHERE d.report = f.report AND d.key = f.key ORDER BY d.id DESC LIMIT 1
) d ON true
WHERE CASE WHEN g.id = c.current_reading THEN f.carried OR f.gone_at IS NOT NULL ELSE NOT f.carried END
  AND NOT EXISTS (
    SELECT 1 FROM gouji.findings n
    WHERE n.reading = c.current_reading AND n.key = f.key AND n.gone_at IS NULL AND NOT n.carried
  )
ORDER BY f.report, f.key, coalesce(g.id = c.current_reading, false) DESC, v.report = f.report DESC, v.number DESC,
  (g.id = v.current_reading) DESC, g.id DESC;

CREATE VIEW public.findings AS
SELECT p.report_id, p.agency, p.year, f.key, f.rule, f.severity, f.fault, f.codes, f.expected, f.actual, f.difference,
  f.terms, f.data, p.reading_id, p.sha256, p.origin, f.id, f.state, f.outdated, f.quotes, f.meant, f.beyond,
  f.decision_reason, f.decided_by, f.decided_at
FROM public.reports p
JOIN gouji.standing_findings f ON f.report = p.report_id;
COMMENT ON VIEW public.findings IS 'One row a finding of a current reading.';
