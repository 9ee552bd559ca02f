-- Many transactions with a journal on disk, an index, joins, a rollback.
PRAGMA journal_mode = DELETE;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -65536;
PRAGMA temp_store = MEMORY;
CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT, amount INTEGER);
CREATE TABLE entry (account INTEGER, at INTEGER, amount INTEGER);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO account SELECT i, printf('account %d', i * 7919 % 5000), 1000 FROM n;
CREATE INDEX entry_account ON entry (account, at);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
INSERT INTO entry SELECT i * 16807 % 5000 + 1, i, i * 48271 % 2001 - 1000 FROM n;
COMMIT;
BEGIN;
DELETE FROM entry WHERE at % 3 = 0;
ROLLBACK;
UPDATE account SET amount = amount + (SELECT total(amount) FROM entry WHERE account = account.id);
SELECT count(*), sum(amount), min(amount), max(amount) FROM account;
SELECT a.name, count(*), sum(e.amount) FROM account a JOIN entry e ON e.account = a.id
GROUP BY a.id ORDER BY 3 DESC, 1 LIMIT 10;
PRAGMA integrity_check;
VACUUM;
