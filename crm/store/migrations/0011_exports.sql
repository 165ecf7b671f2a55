-- What left the house: who took what, how much of it, when. Machinery like the history: taking a copy changes no row that a
-- person would undo, and its record says nothing of what was in it.
create table exports (
    export_id uuid not null,
    what varchar not null,
    layout varchar not null,
    row_count bigint not null,
    is_raw boolean not null,
    actor_kind varchar not null,
    actor_id uuid,
    actor_name varchar not null,
    made_at timestamp not null
);

insert into settings (setting_id, name, value, created_at, updated_at, version)
select
    ('01900000-0000-7000-8000-00000000110' || setting.position)::uuid,
    setting.name,
    setting.value,
    '2026-01-01',
    '2026-01-01',
    '00000000-0000-0000-0000-000000000000'
from (
    values
        (1, 'backup_every', 'day'),
        (2, 'backup_folder', 'backups'),
        (3, 'backup_keep', '7')
) as setting (position, name, value);
