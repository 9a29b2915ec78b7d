-- Lists and figures of applications at a million cases: indexes that hold what is filtered and counted, so that rows
-- are read only to be shown. The id after the day: pages are keyed by both. SQLite reads the table for the columns of an
-- index's own condition too, so those of 0013 are held here as columns.
DROP INDEX request_received;
DROP INDEX request_closed;
DROP INDEX request_unit;
DROP INDEX request_open_state;
DROP INDEX request_count_received;
DROP INDEX request_count_closed;
-- Of one unit, by the day received or ended, or newest first: the cases behind a figure, and the figure.
CREATE INDEX request_received ON request (unit_id, received_day, id, applicant, matter, state, channel, outcome, officer_post,
                                          late, extended, closed_day, due_at, days_used);
CREATE INDEX request_closed ON request (unit_id, closed_day, id, outcome, applicant, matter, state, received_day, late,
                                        extended, channel, officer_post, days_used) WHERE closed_day IS NOT NULL;
CREATE INDEX request_unit ON request (unit_id, id, state, matter, channel, applicant, subject, outcome, received_day, closed_day,
                                      officer_post, late, extended);
-- Of the city.
CREATE INDEX request_received_all ON request (received_day, id, applicant, matter, state, channel, outcome, officer_post,
                                              late, extended, closed_day);
CREATE INDEX request_closed_all ON request (closed_day, id, outcome, applicant, matter, state, received_day, late, extended,
                                            channel, officer_post) WHERE closed_day IS NOT NULL;
-- What is open: counted by state (closed_day, though always NULL, so that the index is all that is read); what waits for a
-- permission, the most urgent first; carried on to the next year.
CREATE INDEX request_open_state ON request (unit_id, state, closed_day) WHERE closed_day IS NULL;
CREATE INDEX request_open_due ON request (state, due_at, id, unit_id, closed_day) WHERE closed_day IS NULL;
CREATE INDEX request_open_received ON request (unit_id, received_day, applicant, matter, state, closed_day)
    WHERE closed_day IS NULL;
-- With a reconsideration or a suit.
CREATE INDEX request_remedy_kind ON request_remedy (kind, request_id, unit_id);
