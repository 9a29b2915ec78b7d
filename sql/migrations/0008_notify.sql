-- Messages to people outside, and citizens' subscriptions to searches.

-- message: the outbox. sealed: address and text, under the installation's key; '' once sent or refused.
CREATE TABLE message (
    id         IDENTITY,
    channel    TEXT NOT NULL,                     -- mail
    sealed     TEXT NOT NULL,
    message_id TEXT NOT NULL,                     -- stays the same when it is sent again
    state      TEXT NOT NULL,                     -- waiting sent failed
    created_at BIGINT NOT NULL,
    done_at    BIGINT NOT NULL,
    error      TEXT NOT NULL
) STRICT;

-- subscription: a search whose new results are sent to somebody. Ended ones are deleted.
CREATE TABLE subscription (
    id           IDENTITY,
    address      TEXT NOT NULL,                   -- e-mail address, sealed
    address_key  TEXT NOT NULL,                   -- its blind index
    asked_from   TEXT NOT NULL,                   -- blind index of the client's IP address
    search       TEXT NOT NULL,                   -- JSON of what is asked
    title        TEXT NOT NULL,
    often        TEXT NOT NULL,                   -- soon day week
    created_at   BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL,                 -- 0: not yet
    seen_at      BIGINT NOT NULL,                 -- what was published up to here has been told
    next_at      BIGINT NOT NULL                  -- when to look again
) STRICT;
CREATE INDEX subscription_next ON subscription (next_at, id) WHERE confirmed_at > 0;
CREATE INDEX subscription_address ON subscription (address_key, created_at);
CREATE INDEX subscription_from ON subscription (asked_from, created_at);
