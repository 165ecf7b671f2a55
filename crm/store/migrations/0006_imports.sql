-- What people chose for the columns of files, for the next file with the same header row: a choice is never changed, a later
-- one stands beside it. And which change sets came from a file: what a person changed since is theirs to keep.
create table import_mappings (
    import_mapping_id uuid not null,
    kind varchar not null,
    header_hash varchar not null,
    mapping json not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    version uuid not null,
    archived_at timestamp
);

alter table change_sets add column origin varchar;
