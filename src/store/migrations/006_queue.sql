-- What workers have still to do. A row leaves in the transaction that gives its document its one outcome in run_items.

CREATE TABLE gouji.queued (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run text NOT NULL REFERENCES gouji.runs,
  path text NOT NULL,
  archive text,
  -- NULL until the bytes are in the store of originals.
  sha256 text,
  urgent boolean NOT NULL,
  -- Read again what is known to have failed.
  again boolean NOT NULL,
  -- Counts who has taken it: whoever holds an older number is too late, and changes nothing.
  attempt integer NOT NULL DEFAULT 0,
  taken_at timestamptz,
  taken_by text,
  -- Attempts of which nothing was heard again: the worker died, or the document killed it.
  lost integer NOT NULL DEFAULT 0,
  -- Attempts in which the reader was seen to break down.
  crashes integer NOT NULL DEFAULT 0,
  -- Attempts that failed for a cause that may pass, and the last cause.
  faults integer NOT NULL DEFAULT 0,
  reason jsonb,
  queued_at timestamptz NOT NULL
);
CREATE INDEX queued_run ON gouji.queued (run);
COMMENT ON TABLE gouji.queued IS 'Documents that workers have still to read.';

-- The queued document that an outcome belongs to: each has one outcome, whoever gives it.
ALTER TABLE gouji.run_items ADD COLUMN queued bigint UNIQUE;
-- False while documents are still being queued for a run, true once all are; NULL for a run that reads them itself.
ALTER TABLE gouji.runs ADD COLUMN complete boolean;

-- Why a report could not be judged anew, as the database says it; NULL where it was not tried.
ALTER TABLE gouji.rechecks ADD COLUMN refused text;

CREATE VIEW public.queued AS
SELECT run, path, archive, sha256, urgent, attempt AS attempts, lost, crashes, faults, reason ->> 'code' AS reason,
  taken_at, taken_by, queued_at
FROM gouji.queued;
COMMENT ON VIEW public.queued IS 'One row a document that workers have still to read.';
