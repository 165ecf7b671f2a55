-- Who may be whom, who is not, and who became one with whom.
create table not_duplicates (
    not_duplicate_id uuid not null,
    noun varchar not null,
    one_id uuid not null,
    other_id uuid not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

create table merges (
    merge_id uuid not null,
    noun varchar not null,
    winner_id uuid not null,
    loser_id uuid not null,
    change_set_id uuid not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

-- What a search found, and of what: machinery, replaced by the next search.
create table duplicate_pairs (
    noun varchar not null,
    one_id uuid not null,
    other_id uuid not null,
    score double not null,
    agrees varchar not null
);

create table duplicate_searches (
    noun varchar not null,
    made_at timestamp not null,
    seen_versions json not null,
    row_count bigint not null,
    pair_count bigint not null
);

-- The beginnings of names, the address and the number, by which a form finds who is here already (views/likeness.sql says the same).
alter table contacts add column given_key varchar;
alter table contacts add column family_key varchar;
alter table contacts add column email_key varchar;
alter table contacts add column phone_key varchar;
alter table customers add column name_key varchar;

create or replace macro phone_number(phone) as case
    when length(translate(phone, ' +-()./', '')) >= 6 then right(translate(phone, ' +-()./', ''), 9)
end;
create or replace macro beginning(value, letters) as
    left(translate(strip_accents(lower(value)), 'cqzvy .-&,''', 'kksfi'), letters);
update contacts
set
    given_key = beginning(name, 3) || ' ' || beginning(split_part(trim(name), ' ', -1), 1),
    family_key = beginning(name, 1) || ' ' || beginning(split_part(trim(name), ' ', -1), 4),
    email_key = nullif(trim(lower(email)), ''),
    phone_key = phone_number(phone);
update customers set name_key = beginning(name, 4);
