alter table custom_fields add primary key (custom_field_id);
alter table custom_choices add primary key (custom_choice_id);
