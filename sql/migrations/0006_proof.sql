-- Proof: signed checkpoints, inner nodes of the tree, witnesses, keys; what the public saw at any instant.

-- ledger_entry.format: 1 leaves of the first builds; 2 the leaf names the instant it was logged at.
ALTER TABLE ledger_entry ADD COLUMN format BIGINT NOT NULL DEFAULT 1;

-- ledger_node: roots of the full subtrees of 256^level leaves: with the leaf hashes all that tiles and proofs need.
CREATE TABLE ledger_node (
    level    BIGINT NOT NULL,                     -- 1: 256 leaves, 2: 65536 …
    position BIGINT NOT NULL,
    hash     KEYTEXT NOT NULL,                    -- hex
    PRIMARY KEY (level, position)
) STRICT;

-- ledger_checkpoint: every tree head this log has signed. Never updated, never deleted.
CREATE TABLE ledger_checkpoint (
    size BIGINT PRIMARY KEY,
    at   BIGINT NOT NULL,
    root KEYTEXT NOT NULL,                        -- hex
    note TEXT NOT NULL                            -- C2SP signed note with the log's own signatures
) STRICT;

-- ledger_cosignature: what witnesses said of a checkpoint (C2SP tlog-cosignature).
CREATE TABLE ledger_cosignature (
    size    BIGINT NOT NULL REFERENCES ledger_checkpoint (size),
    witness KEYTEXT NOT NULL,                     -- name
    vkey    TEXT NOT NULL,
    at      BIGINT NOT NULL,                      -- the witness's instant, ms
    line    TEXT NOT NULL,                        -- signature line without the line end
    PRIMARY KEY (size, witness)
) STRICT;
CREATE INDEX ledger_cosignature_witness ON ledger_cosignature (witness, size);

-- ledger_key: public keys this log has signed with; the private ones are in files.
CREATE TABLE ledger_key (
    id         IDENTITY,
    origin     TEXT NOT NULL,                     -- the log's name: first line of every checkpoint
    algorithm  KEYTEXT NOT NULL,                  -- ed25519, sm2
    vkey       TEXT NOT NULL,                     -- name+key id+base64(type, public key)
    from_size  BIGINT NOT NULL,                   -- size of the log when it came into use
    at         BIGINT NOT NULL,
    retired_at BIGINT NOT NULL DEFAULT 0
) STRICT;

-- disclosure_version: a former version may have to disappear by law; the reason stays.
ALTER TABLE disclosure_version ADD COLUMN concealed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE disclosure_version ADD COLUMN conceal_reason TEXT NOT NULL DEFAULT '';
-- disclosure.expired_at: when it was declared to be no longer valid; 0: it is valid as its version says.
ALTER TABLE disclosure ADD COLUMN expired_at BIGINT NOT NULL DEFAULT 0;
-- The past is walked by the day of first publication, withdrawn matters included.
CREATE INDEX disclosure_published ON disclosure (published_at, id) WHERE published_at <> 0;

-- only: sqlite
CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
-- end
-- only: sqlite
CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
-- end
-- only: postgresql
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE ON ledger_checkpoint FOR EACH ROW EXECUTE FUNCTION event_append_only();
-- end
