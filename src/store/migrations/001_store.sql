-- The store: what was published (reports, revisions), what was understood of it (readings, facts, findings), what was
-- not (attempts), and what each run did (runs, run_items). Rows are added; only the pointers to what is current change.

CREATE SCHEMA IF NOT EXISTS gouji;

CREATE TABLE gouji.layouts (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  form text NOT NULL,
  table_code text NOT NULL,
  codes text[] NOT NULL,
  UNIQUE (form, table_code, codes)
);
COMMENT ON TABLE gouji.layouts IS 'Order of the cells in the arrays of reading_tables; a changed form gets a new layout.';

CREATE TABLE gouji.reports (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agency text,
  year integer,
  -- Set where agency or year is not known: such a document stands alone.
  alone text UNIQUE,
  current_revision integer
);
CREATE UNIQUE INDEX reports_identity ON gouji.reports (agency, year) WHERE alone IS NULL;

CREATE TABLE gouji.revisions (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  report integer NOT NULL REFERENCES gouji.reports,
  sha256 text NOT NULL UNIQUE,
  bytes bigint NOT NULL,
  number integer NOT NULL,
  seen_at timestamptz NOT NULL,
  origin text NOT NULL,
  current_reading integer
);
CREATE INDEX revisions_report ON gouji.revisions (report);

CREATE TABLE gouji.readings (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  revision integer NOT NULL REFERENCES gouji.revisions,
  reader text NOT NULL,
  status text NOT NULL,
  form text,
  title text,
  media_type text NOT NULL,
  encoding text,
  reason jsonb,
  identity jsonb NOT NULL,
  tables jsonb NOT NULL,
  notices jsonb NOT NULL,
  fact_count integer NOT NULL,
  errors integer NOT NULL,
  warnings integer NOT NULL,
  infos integer NOT NULL,
  holds integer NOT NULL,
  broken integer NOT NULL,
  not_assessable integer NOT NULL,
  read_at timestamptz NOT NULL,
  UNIQUE (revision, reader)
);

CREATE TABLE gouji.reading_tables (
  reading integer NOT NULL REFERENCES gouji.readings,
  layout integer NOT NULL REFERENCES gouji.layouts,
  -- NULL where the cell holds no number.
  "values" double precision[] NOT NULL,
  -- A letter a cell: n number, b blank, m mark, a absent, u unreadable, '-' the report does not have this cell.
  states text NOT NULL,
  -- By place, only where they are not what the value and state say: { "12": { "text": "12件", "unit": "件" } }.
  extras jsonb,
  -- One a cell, separated by line feeds, empty where the cell is absent.
  anchors text NOT NULL,
  PRIMARY KEY (reading, layout)
);

CREATE TABLE gouji.findings (
  reading integer NOT NULL REFERENCES gouji.readings,
  place integer NOT NULL,
  key text NOT NULL,
  rule text NOT NULL,
  severity text NOT NULL,
  fault text NOT NULL,
  codes text[] NOT NULL,
  expected double precision,
  actual double precision,
  difference double precision,
  terms jsonb NOT NULL,
  data jsonb NOT NULL,
  PRIMARY KEY (reading, place)
);

CREATE TABLE gouji.attempts (
  sha256 text NOT NULL,
  reader text NOT NULL,
  status text NOT NULL,
  reason jsonb,
  media_type text NOT NULL,
  bytes bigint NOT NULL,
  origin text NOT NULL,
  tried_at timestamptz NOT NULL,
  PRIMARY KEY (sha256, reader)
);
COMMENT ON TABLE gouji.attempts IS 'Documents that gave no report, so that the same bytes are not read again.';

CREATE TABLE gouji.runs (
  id text PRIMARY KEY,
  reader text NOT NULL,
  arguments text[] NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  status text NOT NULL
);

CREATE TABLE gouji.run_items (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run text NOT NULL REFERENCES gouji.runs,
  path text NOT NULL,
  sha256 text,
  bytes bigint,
  kind text,
  outcome text NOT NULL,
  reason jsonb,
  reader text NOT NULL,
  reading integer,
  milliseconds integer NOT NULL
);
CREATE INDEX run_items_run ON gouji.run_items (run);
CREATE INDEX run_items_path ON gouji.run_items (path);

CREATE VIEW public.reports AS
SELECT r.id AS report_id, r.agency, r.year, d.form, d.status, v.sha256, v.origin, v.number AS revision, v.seen_at,
  d.id AS reading_id, d.reader, d.title, d.media_type, d.encoding, d.fact_count AS facts,
  d.errors, d.warnings, d.infos, d.holds AS rules_held, d.broken AS rules_broken, d.not_assessable AS rules_not_assessable
FROM gouji.reports r
JOIN gouji.revisions v ON v.id = r.current_revision
JOIN gouji.readings d ON d.id = v.current_reading;
COMMENT ON VIEW public.reports IS 'One row a report: its current revision in its current reading.';

CREATE VIEW public.facts AS
SELECT p.report_id, p.agency, p.year, l.form, l.table_code AS "table", split_part(c.code, '.', 2) AS "row",
  split_part(c.code, '.', 3) AS "column", c.code, c.value,
  CASE substr(t.states, c.place::int, 1)
    WHEN 'n' THEN 'number' WHEN 'b' THEN 'blank' WHEN 'm' THEN 'mark' WHEN 'a' THEN 'absent' ELSE 'unreadable'
  END AS state,
  t.extras -> c.place::text ->> 'unit' AS unit,
  coalesce(t.extras -> c.place::text ->> 'text', c.value::text, '') AS text,
  coalesce((t.extras -> c.place::text ->> 'inferred')::boolean, false) AS inferred,
  nullif(split_part(t.anchors, E'\n', c.place::int), '') AS anchor,
  p.reading_id, p.sha256, p.reader
FROM public.reports p
JOIN gouji.reading_tables t ON t.reading = p.reading_id
JOIN gouji.layouts l ON l.id = t.layout
CROSS JOIN LATERAL unnest(l.codes, t."values") WITH ORDINALITY AS c (code, value, place)
WHERE substr(t.states, c.place::int, 1) <> '-';
COMMENT ON VIEW public.facts IS 'One row a cell of a current reading. value is as printed, in the unit printed.';

CREATE VIEW public.findings AS
SELECT p.report_id, p.agency, p.year, f.key, f.rule, f.severity, f.fault, f.codes, f.expected, f.actual, f.difference,
  f.terms, f.data, p.reading_id, p.sha256, p.origin
FROM public.reports p
JOIN gouji.findings f ON f.reading = p.reading_id;
COMMENT ON VIEW public.findings IS 'One row a finding of a current reading.';

CREATE VIEW public.runs AS
SELECT r.id AS run, r.reader, r.arguments, r.started_at, r.finished_at, r.status,
  count(i.id) AS inputs,
  count(*) FILTER (WHERE i.outcome = 'stored') AS stored,
  count(*) FILTER (WHERE i.outcome = 'duplicate') AS duplicate,
  count(*) FILTER (WHERE i.outcome = 'failed') AS failed,
  count(*) FILTER (WHERE i.outcome = 'not_a_report') AS not_a_report
FROM gouji.runs r LEFT JOIN gouji.run_items i ON i.run = r.id
GROUP BY r.id;
COMMENT ON VIEW public.runs IS 'One row a run of ingest; inputs = stored + duplicate + failed + not_a_report.';

CREATE VIEW public.run_items AS
SELECT run, path, outcome, reason ->> 'code' AS reason, reason -> 'data' AS reason_data, kind, bytes, sha256, reader,
  reading AS reading_id, milliseconds
FROM gouji.run_items;
COMMENT ON VIEW public.run_items IS 'One row an input of a run, with its one outcome.';
