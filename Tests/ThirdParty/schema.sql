-- What the collectors of this package read.
CREATE SCHEMA app;
CREATE TABLE app.jobs (queue text, state text, retries int NOT NULL DEFAULT 0, queued_at timestamptz DEFAULT now());
CREATE TABLE app.finished (number bigint);
INSERT INTO app.jobs VALUES ('mail', 'waiting', 1), ('mail', 'waiting', 2), ('report', 'running', 0);
INSERT INTO app.finished VALUES (42);
GRANT USAGE ON SCHEMA app TO pg_monitor;
GRANT SELECT ON ALL TABLES IN SCHEMA app TO pg_monitor;
