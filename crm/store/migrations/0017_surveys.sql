-- Surveys: what is asked, who was asked, what they answered. Texts are json by language: {"en": {"title": …}, "de": {…}}.
create table surveys (
    survey_id uuid not null,
    name varchar not null,
    is_anonymous boolean not null,
    language varchar not null,
    texts json not null,
    link_days integer not null,
    opened_at timestamp,
    closes_on date,
    closed_at timestamp,
    owner_id uuid,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table survey_questions (
    survey_question_id uuid not null,
    survey_id uuid not null,
    position integer not null,
    kind varchar not null,
    is_required boolean not null,
    asks_why boolean not null,
    is_multiple boolean not null,
    texts json not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table survey_invitations (
    survey_invitation_id uuid not null,
    survey_id uuid not null,
    contact_id uuid not null,
    customer_id uuid not null,
    invited_at timestamp not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- Only the hash of a link's token. Of an anonymous survey it names no invitation: all it says is whether it was used.
create table survey_tokens (
    survey_token_id uuid not null,
    survey_id uuid not null,
    survey_invitation_id uuid,
    token_hash varchar not null,
    expires_on date not null,
    is_used boolean not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- What one person sent. An anonymous answer has none: nothing joins what one person said to two questions.
create table survey_responses (
    survey_response_id uuid not null,
    survey_id uuid not null,
    survey_invitation_id uuid,
    customer_id uuid,
    contact_id uuid,
    language varchar not null,
    answered_at timestamp not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table survey_answers (
    survey_answer_id uuid not null,
    survey_id uuid not null,
    survey_question_id uuid not null,
    survey_response_id uuid,
    feedback_id uuid,
    answered_on date not null,
    rating integer,
    choices varchar,
    text varchar,
    is_released boolean not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- Who asked not to be asked again. It is lifted by archiving the row.
create table survey_refusals (
    survey_refusal_id uuid not null,
    contact_id uuid not null,
    customer_id uuid not null,
    refused_at timestamp not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

alter table feedback add column survey_id uuid;
alter table feedback add column survey_response_id uuid;

insert into settings (setting_id, name, value, created_at, updated_at, version)
select
    ('01900000-0000-7000-8000-00000000170' || to_hex(setting.position))::uuid,
    setting.name,
    setting.value,
    '2026-01-01',
    '2026-01-01',
    '00000000-0000-0000-0000-000000000000'
from (
    values
        (1, 'public_url', null),
        (2, 'survey_cooldown_days', '30')
) as setting (position, name, value);
