-- after: basics
-- Focus groups: whom we may ask, and what there is of each group.

-- One row per contact in use: whether they may be asked at all, and what speaks against asking them now.
create or replace view contacts_to_ask as
select
    contacts.contact_id,
    contacts.customer_id,
    contacts.name,
    contacts.email,
    contacts.phone,
    contacts.consent,
    refusals.contact_id is not null as has_refused,
    contacts.consent <> 'withdrawn' and refusals.contact_id is null as may_be_asked,
    invitations.invited_at
from contacts
left join (
    select distinct contact_id
    from survey_refusals
    where archived_at is null
) as refusals on refusals.contact_id = contacts.contact_id
left join (
    select
        contact_id,
        max(invited_at) as invited_at
    from survey_invitations
    where archived_at is null
    group by contact_id
) as invitations on invitations.contact_id = contacts.contact_id
where contacts.archived_at is null;

-- One row per focus group of which there is anything: how many are on its panel and came, how many quotes and findings it has.
create or replace view focus_counts as
with
lines as (
    select
        focus_group_id,
        true as is_participant,
        interaction_id is not null as is_present,
        false as is_quote,
        false as is_finding
    from focus_participants
    where archived_at is null
    union all
    select focus_group_id, false, false, true, false
    from focus_quotes
    where archived_at is null
    union all
    select focus_group_id, false, false, false, true
    from focus_findings
    where archived_at is null
)

select
    focus_group_id,
    count(*) filter (where is_participant) as participants,
    count(*) filter (where is_present) as present,
    count(*) filter (where is_quote) as quotes,
    count(*) filter (where is_finding) as findings
from lines
group by focus_group_id;
