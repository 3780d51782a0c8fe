-- The role that pgsonde logs in with. Run it as a superuser, once per server (not per database); running it again
-- changes nothing but what is stated here.
--
--   psql -X -f role.sql                              with no password: for `peer` or certificates
--   psql -X -v password="$(cat secret)" -f role.sql  sets the password (mind `ps`; or use \password afterwards)
--   psql -X -v role=monitoring -f role.sql           another name than pgsonde
--
-- For psql 11 and later, PostgreSQL 13 and later.

\set ON_ERROR_STOP on
\if :{?role}
\else
    \set role pgsonde
\endif

BEGIN;
-- A password must not reach the server's log, nor a statement's text the statistics.
SET LOCAL client_min_messages = 'warning';
SET LOCAL log_statement = 'none';
SET LOCAL log_min_duration_statement = -1;
SET LOCAL log_min_error_statement = 'panic';
SET LOCAL pg_stat_statements.track_utility = off;
SET LOCAL password_encryption = 'scram-sha-256';

SELECT format('CREATE ROLE %I CONNECTION LIMIT 4', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'role') \gexec

-- The limit is pgsonde's budget of connections, 2 by default, and 2 more: one for a connection whose end the server has not
-- noticed yet, one for you. A higher one of a role that was there is left.
SELECT format('ALTER ROLE %I CONNECTION LIMIT 4', :'role')
WHERE EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'role' AND rolconnlimit BETWEEN 0 AND 3) \gexec

-- It may log in and nothing else.
ALTER ROLE :"role" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT;

-- pg_monitor reads all statistics views and settings, and the sizes of all relations; no table's rows.
GRANT pg_monitor TO :"role";

-- pgsonde asks for the same at each connect; stated here it also holds for whoever else uses the role.
ALTER ROLE :"role" SET default_transaction_read_only = on;

\if :{?password}
    ALTER ROLE :"role" PASSWORD :'password';
\endif
COMMIT;

-- In databases that revoked CONNECT from PUBLIC, add: GRANT CONNECT ON DATABASE … TO pgsonde;
-- For the statements collector, in one database: CREATE EXTENSION pg_stat_statements;
