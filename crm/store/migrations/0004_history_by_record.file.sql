-- One customer's timeline asks what changed on a handful of records; without this it reads the whole history.
create index changes_by_record on changes (record_id);
