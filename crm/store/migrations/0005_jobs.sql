-- What a job was asked to do and what came of it; and which job made a change, so that one that was interrupted is known
-- to have done its work or not.
alter table jobs add column arguments json;
alter table jobs add column result json;
alter table jobs add column asked_by_id uuid;
alter table jobs add column reference varchar;
alter table jobs add column runner varchar;
alter table jobs add column heartbeat_at timestamp;
alter table jobs add column stop_asked_at timestamp;
alter table jobs add column seen_versions json;
alter table change_sets add column job_id uuid;
