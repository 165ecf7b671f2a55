-- What our own people say: ideas, blockers, what they need to serve customers better. Without a name where they wish: then the row
-- holds a random key and the day, as an anonymous answer does.
create table ideas (
    idea_id uuid not null,
    kind varchar not null,
    text varchar not null,
    employee_id uuid,
    said_on date not null,
    state varchar not null,
    answer varchar,
    answered_by_id uuid,
    answered_on date,
    action_id uuid,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table idea_votes (
    idea_vote_id uuid not null,
    idea_id uuid not null,
    employee_id uuid not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- “Would you recommend working here?”, once a quarter, of nobody: `starts_on` is the quarter's first day. Answers come to light at
-- least five together.
create table enps_answers (
    enps_answer_id uuid not null,
    starts_on date not null,
    rating integer not null,
    text varchar,
    is_released boolean not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- Who has answered, so that nobody does twice. No time, and a row for everybody from the first answer on: nothing here leads to one.
create table enps_asked (
    employee_id uuid not null,
    starts_on date not null,
    has_answered boolean not null
);
