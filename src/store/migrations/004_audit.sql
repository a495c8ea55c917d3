-- What an auditor needs beside the figures: the words a finding rests on, what was decided about it, who is below whom.

ALTER TABLE gouji.findings ADD COLUMN quotes jsonb NOT NULL DEFAULT '[]';
-- How the figures could be mended: see Localisation in src/model.ts; NULL where it does not apply.
ALTER TABLE gouji.findings ADD COLUMN meant jsonb;
-- True for what needs other reports or facts of the agency: judged anew whenever one of these changes.
ALTER TABLE gouji.findings ADD COLUMN beyond boolean NOT NULL DEFAULT false;
-- When such a finding was found to hold no more.
ALTER TABLE gouji.findings ADD COLUMN gone_at timestamptz;

-- What the prose states: see Statement in src/model.ts.
ALTER TABLE gouji.readings ADD COLUMN stated jsonb NOT NULL DEFAULT '[]';
ALTER TABLE gouji.readings ADD COLUMN published_on date;
-- What its text is found again by: see src/rules/likeness.ts. NULL where there is too little text.
ALTER TABLE gouji.readings ADD COLUMN text_pieces integer;
ALTER TABLE gouji.readings ADD COLUMN text_minima integer[];
ALTER TABLE gouji.readings ADD COLUMN text_bands integer[];
-- Hash of all numbers: the same for reports that state the same; NULL where none is other than 0.
ALTER TABLE gouji.readings ADD COLUMN figures text;
CREATE INDEX readings_text ON gouji.readings USING gin (text_bands);
-- When it was last compared with other reports; NULL: not yet.
ALTER TABLE gouji.readings ADD COLUMN rechecked_at timestamptz;
CREATE INDEX readings_pending ON gouji.readings (id) WHERE rechecked_at IS NULL;

CREATE TABLE gouji.agencies (
  name text PRIMARY KEY,
  parent text,
  -- Its figures are part of its parent's report.
  counted_in_parent boolean NOT NULL DEFAULT false,
  may_make_regulations boolean,
  level text,
  since integer,
  until integer
);
CREATE INDEX agencies_parent ON gouji.agencies (parent);
COMMENT ON TABLE gouji.agencies IS 'Who must publish, as the user says; since and until are report years.';

CREATE TABLE gouji.decisions (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  report integer NOT NULL REFERENCES gouji.reports,
  key text NOT NULL,
  action text NOT NULL CHECK (action IN ('confirmed', 'dismissed', 'returned', 'reopened')),
  reason text,
  decided_by text NOT NULL,
  decided_at timestamptz NOT NULL,
  -- The finding as it was then: when its figures change, the decision no longer stands.
  reading integer NOT NULL REFERENCES gouji.readings,
  figures jsonb NOT NULL
);
CREATE INDEX decisions_finding ON gouji.decisions (report, key);
COMMENT ON TABLE gouji.decisions IS 'What people decided about findings; rows are only added.';

CREATE FUNCTION gouji.finding_id(agency text, year integer, alone text, key text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT left(encode(sha256(convert_to(coalesce(alone, agency || '|' || year) || '|' || key, 'UTF8')), 'hex'), 16)
$$;

CREATE FUNCTION gouji.finding_figures(f gouji.findings) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('severity', f.severity, 'codes', f.codes, 'expected', f.expected, 'actual', f.actual,
    -- What is about no figures is told by its data; how much of a text is like another's varies with each reader.
    'data', CASE WHEN f.expected IS NULL AND f.actual IS NULL THEN f.data - 'rate' - 'raw' - 'others' END)
$$;

-- One row a finding of a current reading, with what was decided about it last.
CREATE VIEW gouji.standing_findings AS
SELECT gouji.finding_id(r.agency, r.year, r.alone, f.key) AS id, r.id AS report_id, f.*,
  CASE
    WHEN d.action IS NULL OR d.action = 'reopened' OR d.figures <> gouji.finding_figures(f) THEN 'open'
    ELSE d.action
  END AS state,
  d.action IS NOT NULL AND d.action <> 'reopened' AND d.figures <> gouji.finding_figures(f) AS outdated,
  d.reason AS decision_reason, d.decided_by, d.decided_at
FROM gouji.reports r
JOIN gouji.revisions v ON v.id = r.current_revision
JOIN gouji.findings f ON f.reading = v.current_reading AND f.gone_at IS NULL
LEFT JOIN LATERAL (
  SELECT * FROM gouji.decisions d WHERE d.report = r.id AND d.key = f.key ORDER BY d.id DESC LIMIT 1
) d ON true;

-- One row a finding that there was and is not now: fixed by a later publication; withdrawn, since the same bytes are read
-- otherwise; or unchecked, since the present reading lacks a table that it is about.
CREATE VIEW gouji.past_findings AS
SELECT DISTINCT ON (r.id, f.key) gouji.finding_id(r.agency, r.year, r.alone, f.key) AS id, r.id AS report_id, f.*,
  CASE
    WHEN f.gone_at IS NOT NULL THEN 'fixed'
    WHEN v.id = r.current_revision OR g.id <> v.current_reading THEN 'withdrawn'
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
FROM gouji.reports r
JOIN gouji.revisions c ON c.id = r.current_revision
JOIN gouji.readings n ON n.id = c.current_reading
JOIN gouji.revisions v ON v.report = r.id
JOIN gouji.readings g ON g.revision = v.id
JOIN gouji.findings f ON f.reading = g.id AND (g.id <> c.current_reading OR f.gone_at IS NOT NULL)
LEFT JOIN LATERAL (
  SELECT * FROM gouji.decisions d WHERE d.report = r.id AND d.key = f.key ORDER BY d.id DESC LIMIT 1
) d ON true
WHERE NOT EXISTS (
  SELECT 1 FROM gouji.findings n WHERE n.reading = c.current_reading AND n.key = f.key AND n.gone_at IS NULL
)
ORDER BY r.id, f.key, v.number DESC, (g.id = v.current_reading) DESC, g.id DESC;

CREATE OR REPLACE VIEW public.findings AS
SELECT p.report_id, p.agency, p.year, f.key, f.rule, f.severity, f.fault, f.codes, f.expected, f.actual, f.difference,
  f.terms, f.data, p.reading_id, p.sha256, p.origin, f.id, f.state, f.outdated, f.quotes, f.meant, f.beyond,
  f.decision_reason, f.decided_by, f.decided_at
FROM public.reports p
JOIN gouji.standing_findings f ON f.report_id = p.report_id;

CREATE VIEW public.agencies AS SELECT * FROM gouji.agencies;
COMMENT ON VIEW public.agencies IS 'Who must publish, as the user says.';

CREATE OR REPLACE VIEW public.reports AS
SELECT r.id AS report_id, r.agency, r.year, d.form, d.status, v.sha256, v.origin, v.number AS revision, v.seen_at,
  d.id AS reading_id, d.reader, d.title, d.media_type, d.encoding, d.fact_count AS facts,
  d.errors, d.warnings, d.infos, d.holds AS rules_held, d.broken AS rules_broken, d.not_assessable AS rules_not_assessable,
  v.archive, d.published_on
FROM gouji.reports r
JOIN gouji.revisions v ON v.id = r.current_revision
JOIN gouji.readings d ON d.id = v.current_reading;

CREATE VIEW public.statements AS
SELECT p.report_id, p.agency, p.year, s ->> 'field' AS field, s ->> 'kind' AS kind, (s ->> 'value')::float8 AS value,
  s ->> 'unit' AS unit, s ->> 'scope' AS scope, s ->> 'why' AS why, (s ->> 'approximate')::boolean AS approximate,
  (s ->> 'section')::integer AS section, s ->> 'sentence' AS sentence, s -> 'anchor' ->> 'path' AS anchor,
  p.reading_id, p.sha256
FROM public.reports p
JOIN gouji.readings d ON d.id = p.reading_id
CROSS JOIN LATERAL jsonb_array_elements(d.stated) AS s;
COMMENT ON VIEW public.statements IS 'One row a figure, or a plain statement, that the prose of a current reading states.';
