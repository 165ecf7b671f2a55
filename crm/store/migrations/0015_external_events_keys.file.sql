alter table external_events add primary key (external_event_id);
