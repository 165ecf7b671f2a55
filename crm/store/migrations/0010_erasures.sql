-- Who was erased: keys only, so that a backup of before is erased again when it comes back, and the proof of it. Nothing here
-- says who they were. Machinery like the history: an erasure is the one thing that no person takes back.
create table erasures (
    erasure_id uuid not null,
    change_set_id uuid not null,
    made_at timestamp not null,
    actor_kind varchar not null,
    actor_id uuid,
    actor_name varchar not null,
    records json not null,
    mentions json not null,
    counts json not null,
    search json not null,
    rewritten_at timestamp
);
