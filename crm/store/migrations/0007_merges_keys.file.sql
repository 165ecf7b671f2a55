alter table not_duplicates add primary key (not_duplicate_id);
alter table merges add primary key (merge_id);
