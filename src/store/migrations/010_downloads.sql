-- What servers answered: where bytes of a URL came from in the end, and what tells later whether they have changed.

CREATE TABLE gouji.downloads (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- As it was queued.
  url text NOT NULL,
  -- After redirects.
  final_url text NOT NULL,
  -- 304 where the server said that the bytes are those of an earlier answer.
  status integer NOT NULL,
  content_type text,
  etag text,
  last_modified text,
  fetched_at timestamptz NOT NULL,
  -- Of the bytes; of an archive where one was given.
  sha256 text NOT NULL
);
CREATE INDEX downloads_url ON gouji.downloads (url, id);
CREATE INDEX downloads_sha256 ON gouji.downloads (sha256, id);
COMMENT ON TABLE gouji.downloads IS 'Answers of servers from which documents were taken.';

CREATE VIEW public.downloads AS
SELECT url, final_url, status, content_type, etag, last_modified, fetched_at, sha256 FROM gouji.downloads;
COMMENT ON VIEW public.downloads IS 'One row an answer of a server from which a document or an archive was taken.';

-- Attempts that ended with an error nobody foresaw: after some of them the document has failed, the report is not judged.
ALTER TABLE gouji.queued ADD COLUMN errors integer NOT NULL DEFAULT 0;
ALTER TABLE gouji.rechecks ADD COLUMN errors integer NOT NULL DEFAULT 0;

CREATE OR REPLACE VIEW public.queued AS
SELECT run, path, archive, sha256, urgent, attempt AS attempts, lost, crashes, faults, reason ->> 'code' AS reason,
  taken_at, taken_by, queued_at, errors
FROM gouji.queued;
