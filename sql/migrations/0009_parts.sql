-- Parts of the portal (columns, topics, blocks, links, banners) are matters like all that is public: drafted, reviewed, published,
-- corrected, withdrawn, on record. part: stands in its place on the portal and not in the lists of information.
ALTER TABLE disclosure ADD COLUMN part BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX disclosure_part ON disclosure (kind) WHERE part;
