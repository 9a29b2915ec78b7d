-- What finding and the portal need: synonyms, the fields of a kind of information.

-- search_synonym: words that mean the same to a search; the search index itself is a file of each node.
CREATE TABLE search_synonym (
    id    IDENTITY,
    words TEXT NOT NULL,                          -- two or more, blank-separated
    note  TEXT NOT NULL
) STRICT;

-- elements: the fields that only one kind of information has (解读的文件, 征求意见截止日, 年度 …), as a JSON object; '' none.
-- Part of the content that the version's digest covers.
ALTER TABLE disclosure_version ADD COLUMN elements TEXT NOT NULL DEFAULT '';
-- about_id: what an interpretation (政策解读) interprets, as public now; NULL none.
ALTER TABLE disclosure ADD COLUMN about_id BIGINT;
CREATE INDEX disclosure_about ON disclosure (about_id) WHERE about_id IS NOT NULL;
CREATE INDEX disclosure_kind ON disclosure (kind, published_at, id) WHERE kind <> '';
