-- A complaint is somebody's to answer by a day; what was said while something was logged knows where it was said.
alter table feedback add column owner_id uuid;
alter table feedback add column due_on date;
alter table feedback add column interaction_id uuid;

-- What we change because of what we were told: a theme's, or of a finding or an idea. Changed, then told, then asked again.
create table actions (
    action_id uuid not null,
    theme_id uuid,
    name varchar not null,
    owner_id uuid,
    due_on date,
    changed_on date,
    changed_note varchar,
    survey_id uuid,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- Who was told what became of what they had said: a row for each piece of feedback, the words in the interaction.
create table tellings (
    telling_id uuid not null,
    action_id uuid,
    feedback_id uuid not null,
    customer_id uuid,
    contact_id uuid,
    interaction_id uuid,
    told_at timestamp not null,
    words varchar,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

insert into settings (setting_id, name, value, created_at, updated_at, version)
values (
    '01900000-0000-7000-8000-000000001801',
    'complaint_due_days',
    '5',
    '2026-01-01',
    '2026-01-01',
    '00000000-0000-0000-0000-000000000000'
);
