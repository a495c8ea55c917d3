-- Sums over all reports of a year, code by code: whoever asks for them does not wait for all reports to be added up.

CREATE TABLE gouji.totals (
  year integer NOT NULL,
  form text NOT NULL,
  code text NOT NULL,
  -- As printed in the cell itself, '' where the cell prints none: what is printed in other units is not added together.
  unit text NOT NULL,
  -- Reports that have the cell, whatever stands in it.
  reports integer NOT NULL,
  numbers integer NOT NULL,
  blanks integer NOT NULL,
  marks integer NOT NULL,
  absent integer NOT NULL,
  unreadable integer NOT NULL,
  sum numeric,
  added_up_at timestamptz NOT NULL,
  PRIMARY KEY (year, form, code, unit)
);

-- A row for each change of what is current: only added to while documents come in, so that nobody waits for another.
CREATE TABLE gouji.outdated_totals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  year integer NOT NULL
);

CREATE FUNCTION gouji.outdate_by_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.year IS NOT NULL THEN INSERT INTO gouji.outdated_totals (year) VALUES (NEW.year); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER outdate_totals AFTER UPDATE OF current_revision ON gouji.reports FOR EACH ROW
WHEN (OLD.current_revision IS DISTINCT FROM NEW.current_revision) EXECUTE FUNCTION gouji.outdate_by_report();

CREATE FUNCTION gouji.outdate_by_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO gouji.outdated_totals (year)
  SELECT year FROM gouji.reports WHERE id IN (OLD.report, NEW.report) AND year IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER outdate_totals AFTER UPDATE OF current_reading, report ON gouji.revisions FOR EACH ROW
WHEN (OLD.current_reading IS DISTINCT FROM NEW.current_reading OR OLD.report <> NEW.report)
EXECUTE FUNCTION gouji.outdate_by_revision();

INSERT INTO gouji.outdated_totals (year) SELECT DISTINCT year FROM gouji.reports WHERE year IS NOT NULL;

CREATE VIEW public.totals AS
SELECT t.year, t.form, split_part(t.code, '.', 1) AS "table", t.code, t.unit, t.reports, t.numbers, t.blanks, t.marks, t.absent,
  t.unreadable, t.sum, t.added_up_at,
  EXISTS (SELECT 1 FROM gouji.outdated_totals o WHERE o.year = t.year) AS outdated
FROM gouji.totals t;
COMMENT ON VIEW public.totals IS 'One row a year, form, code and unit printed in the cell: sums over all current readings.';
