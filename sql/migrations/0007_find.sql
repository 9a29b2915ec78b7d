-- What finding and the portal need: synonyms, the fields of a kind of information.

-- search_synonym: words that mean the same to a search; the search index itself is a file of each node.
CREATE TABLE search_synonym (
    id    IDENTITY,
    words TEXT NOT NULL,                          -- two or more, blank-separated
    note  TEXT NOT NULL
) STRICT;

-- elements: the fields that only one kind of information has (解读的文件, 征求意见截止日, 栏目的范围 …), as a JSON object; ''
-- none. Part of the content that the version's digest covers.
ALTER TABLE disclosure_version ADD COLUMN elements TEXT NOT NULL DEFAULT '';
-- legal: 法定主动公开内容 (条例第二十、二十一条) it belongs to, "FD20-07"; '' not said.
ALTER TABLE disclosure ADD COLUMN legal TEXT NOT NULL DEFAULT '';
-- listed: shown in lists and search; parts of the portal itself (栏目, 专题, 首页模块) are not.
ALTER TABLE disclosure ADD COLUMN listed BIGINT NOT NULL DEFAULT 1;
CREATE INDEX disclosure_kind ON disclosure (kind, published_at, id) WHERE kind <> '';
