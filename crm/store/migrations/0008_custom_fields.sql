-- Fields of the company's own. What they are stands in rows, what they hold in one json column of each noun, keyed by the
-- field's id: renaming one touches no value.
create table custom_fields (
    custom_field_id uuid not null,
    noun varchar not null,
    name varchar not null,
    kind varchar not null,
    is_required boolean not null,
    is_listed boolean not null,
    position integer not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table custom_choices (
    custom_choice_id uuid not null,
    custom_field_id uuid not null,
    name varchar not null,
    position integer not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

alter table customers add column own json;
alter table contacts add column own json;
alter table deals add column own json;
alter table orders add column own json;
alter table interactions add column own json;
alter table feedback add column own json;
alter table tasks add column own json;
alter table products add column own json;
alter table employees add column own json;

alter table deals add column search_text varchar;
update deals set search_text = strip_accents(lower(name));
