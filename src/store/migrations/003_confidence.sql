-- How sure the reading of a picture's cell is, 0 to 1; null where a cell was not read from a picture.

CREATE OR REPLACE VIEW public.facts AS
SELECT p.report_id, p.agency, p.year, l.form, l.table_code AS "table", split_part(c.code, '.', 2) AS "row",
  split_part(c.code, '.', 3) AS "column", c.code, c.value,
  CASE substr(t.states, c.place::int, 1)
    WHEN 'n' THEN 'number' WHEN 'b' THEN 'blank' WHEN 'm' THEN 'mark' WHEN 'a' THEN 'absent' ELSE 'unreadable'
  END AS state,
  t.extras -> c.place::text ->> 'unit' AS unit,
  coalesce(t.extras -> c.place::text ->> 'text', c.value::text, '') AS text,
  coalesce((t.extras -> c.place::text ->> 'inferred')::boolean, false) AS inferred,
  nullif(split_part(t.anchors, E'\n', c.place::int), '') AS anchor,
  p.reading_id, p.sha256, p.reader,
  (t.extras -> c.place::text ->> 'confidence')::double precision AS confidence
FROM public.reports p
JOIN gouji.reading_tables t ON t.reading = p.reading_id
JOIN gouji.layouts l ON l.id = t.layout
CROSS JOIN LATERAL unnest(l.codes, t."values") WITH ORDINALITY AS c (code, value, place)
WHERE substr(t.states, c.place::int, 1) <> '-';
