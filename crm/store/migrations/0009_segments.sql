-- Groups of customers under a name: by a rule, which is asked anew each time, or by a list of members.
create table segments (
    segment_id uuid not null,
    name varchar not null,
    kind varchar not null,
    rule json,
    note varchar,
    owner_id uuid,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table segment_members (
    segment_member_id uuid not null,
    segment_id uuid not null,
    customer_id uuid not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);
