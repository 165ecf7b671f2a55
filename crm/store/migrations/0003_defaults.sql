-- What an empty company starts with. Fixed keys, so that two files agree; the nil version says: nobody changed it since.
insert into pipelines (pipeline_id, name, position, created_at, updated_at, version)
values ('01900000-0000-7000-8000-000000000001', 'Sales', 1, '2026-01-01', '2026-01-01', '00000000-0000-0000-0000-000000000000');

insert into stages (stage_id, pipeline_id, name, position, outcome, probability_share, created_at, updated_at, version)
select
    ('01900000-0000-7000-8000-00000000010' || stage.position)::uuid,
    '01900000-0000-7000-8000-000000000001',
    stage.name,
    stage.position,
    stage.outcome,
    stage.probability_share,
    '2026-01-01',
    '2026-01-01',
    '00000000-0000-0000-0000-000000000000'
from (
    values
        (1, 'New', 'open', 0.10),
        (2, 'Qualified', 'open', 0.25),
        (3, 'Proposal', 'open', 0.50),
        (4, 'Negotiation', 'open', 0.75),
        (8, 'Won', 'won', 1.00),
        (9, 'Lost', 'lost', 0.00)
) as stage (position, name, outcome, probability_share);

insert into stage_aliases (stage_alias_id, alias, outcome, created_at, updated_at, version)
select
    ('01900000-0000-7000-8000-00000000020' || to_hex(alias.position))::uuid,
    alias.name,
    alias.outcome,
    '2026-01-01',
    '2026-01-01',
    '00000000-0000-0000-0000-000000000000'
from (
    values
        (1, 'won', 'won'),
        (2, 'closed won', 'won'),
        (3, 'closedwon', 'won'),
        (4, 'deal won', 'won'),
        (5, 'signed', 'won'),
        (6, 'gewonnen', 'won'),
        (7, 'lost', 'lost'),
        (8, 'closed lost', 'lost'),
        (9, 'closedlost', 'lost'),
        (10, 'deal lost', 'lost'),
        (11, 'disqualified', 'lost'),
        (12, 'verloren', 'lost')
) as alias (position, name, outcome);

insert into settings (setting_id, name, value, created_at, updated_at, version)
select
    ('01900000-0000-7000-8000-00000000030' || to_hex(setting.position))::uuid,
    setting.name,
    setting.value,
    '2026-01-01',
    '2026-01-01',
    '00000000-0000-0000-0000-000000000000'
from (
    values
        (1, 'company_name', 'My company'),
        (2, 'currency', 'USD'),
        (3, 'time_zone', 'UTC'),
        (4, 'phone_region', 'US'),
        (5, 'first_month_of_year', '1'),
        (6, 'member_reads', 'all'),
        (7, 'quiet_days_lead', '60'),
        (8, 'quiet_days_prospect', '60'),
        (9, 'quiet_days_customer', '60'),
        (10, 'quiet_days_loyal', '60'),
        (11, 'quiet_days_lapsed', '60')
) as setting (position, name, value);
