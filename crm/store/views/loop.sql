-- after: comments, spans
-- The loop: which feedback an action answers, who said it, and who of them was told.

-- One row per piece of feedback that somebody known gave: the customer, the person there (a customer who is a person is that
-- person), and who is to be told: the person, else the customer.
create or replace view feedback_speakers as
select
    entry.feedback_id,
    coalesce(entry.customer_id, speaker.customer_id) as customer_id,
    coalesce(entry.contact_id, alone.contact_id) as contact_id,
    coalesce(entry.contact_id, alone.contact_id, entry.customer_id) as person_id
from feedback as entry
left join contacts as speaker on speaker.contact_id = entry.contact_id
left join (
    select
        contacts.customer_id,
        min(contacts.contact_id) as contact_id
    from contacts
    inner join customers on customers.customer_id = contacts.customer_id and customers.kind = 'person'
    where contacts.archived_at is null
    group by contacts.customer_id
) as alone on alone.customer_id = entry.customer_id
where entry.customer_id is not null or entry.contact_id is not null;

-- One row per action in use, with the theme whose comments it answers and from when: since the theme's last change, at most a year
-- back, until it is changed. What is said afterwards is the next action's.
create or replace view action_spans as
select
    actions.action_id,
    heirs.heir_id as theme_id,
    greatest(
        coalesce(day_start(actions.changed_on), actions.created_at) - interval 365 day,
        day_start(lag(actions.changed_on) over theirs + 1)
    ) as since_at,
    coalesce(day_start(actions.changed_on + 1), 'infinity'::timestamp) as until_at
from actions
inner join theme_heirs as heirs on heirs.theme_id = actions.theme_id
where actions.archived_at is null
window theirs as (partition by heirs.heir_id order by actions.changed_on nulls last, actions.action_id);

-- One row per action that was born elsewhere than on a theme's page: the finding of a focus group, or the idea, that it came from.
create or replace view action_origins as
select
    outcomes.action_id,
    findings.text,
    findings.focus_group_id,
    null::uuid as idea_id
from finding_outcomes as outcomes
inner join focus_findings as findings on findings.focus_finding_id = outcomes.focus_finding_id
where outcomes.action_id is not null and outcomes.archived_at is null
union all
select
    action_id,
    text,
    null::uuid as focus_group_id,
    idea_id
from ideas
where action_id is not null and archived_at is null;

-- One row per action and quote of the finding that it came from, whatever kind it is of: the finding stands on it.
create or replace view finding_feedback as
select
    outcomes.action_id,
    quotes.feedback_id
from finding_outcomes as outcomes
inner join finding_quotes as links on links.focus_finding_id = outcomes.focus_finding_id and links.archived_at is null
inner join focus_quotes as quotes on quotes.focus_quote_id = links.focus_quote_id and quotes.archived_at is null
where outcomes.action_id is not null and outcomes.archived_at is null;

-- One row per action and piece of feedback that it answers, of one customer or (null) of all: of its theme (as theme_mentions has
-- it, but only of these themes, and without compliments: who praised raised nothing that had to change), of the finding that it
-- came from, or told.
create or replace macro action_feedback(of_customer) as table
with
theirs as (
    select
        feedback_id,
        received_at,
        archived_at is null and text is not null and kind <> 'compliment' as is_raised
    from feedback
    where of_customer is null or customer_id = of_customer
),

found as (
    select
        finds.comment_id,
        heirs.heir_id as theme_id
    from comment_themes as finds
    inner join theme_heirs as heirs on heirs.theme_id = finds.theme_id
    union all
    select
        comment_id,
        theme_id
    from theme_marks
    where fits and archived_at is null
)

select
    spans.action_id,
    entry.feedback_id
from theirs as entry
inner join found on found.comment_id = entry.feedback_id
inner join action_spans as spans
    on spans.theme_id = found.theme_id
    and entry.received_at >= spans.since_at
    and entry.received_at < spans.until_at
where entry.is_raised and not exists (
    from theme_marks as marks
    where
        marks.theme_id = found.theme_id
        and marks.comment_id = found.comment_id
        and not marks.fits
        and marks.archived_at is null
)
union
select
    quoted.action_id,
    quoted.feedback_id
from theirs
inner join finding_feedback as quoted on quoted.feedback_id = theirs.feedback_id
union
select
    tellings.action_id,
    tellings.feedback_id
from theirs
inner join tellings on tellings.feedback_id = theirs.feedback_id
where tellings.archived_at is null and tellings.action_id is not null;

-- One row per action and person who raised what it changes: what they said, and when they were told of it.
create or replace view action_people as
select
    raised.action_id,
    speakers.person_id,
    any_value(speakers.customer_id) as customer_id,
    any_value(speakers.contact_id) as contact_id,
    list(raised.feedback_id order by entry.received_at desc, raised.feedback_id) as feedback_ids,
    arg_max(entry.text, (entry.received_at, entry.feedback_id)) as text,
    max(entry.received_at) as received_at,
    list(distinct entry.owner_id) as owner_ids,
    max(tellings.told_at) as told_at
from action_feedback(null::uuid) as raised
inner join feedback as entry on entry.feedback_id = raised.feedback_id and entry.archived_at is null
inner join feedback_speakers as speakers on speakers.feedback_id = raised.feedback_id
left join tellings
    on tellings.feedback_id = raised.feedback_id
    and tellings.action_id = raised.action_id
    and tellings.archived_at is null
group by raised.action_id, speakers.person_id;

-- One row per piece of feedback that was answered: when first, and by the words of which change.
create or replace view feedback_answers as
select
    feedback_id,
    min(told_at) as told_at,
    arg_max(action_id, told_at) as action_id
from tellings
where archived_at is null
group by feedback_id;

-- One row per rating that enters a figure: on its own scale, and within it. The mean of `points` is the score.
create or replace view rating_answers as
select
    feedback_id,
    received_at,
    scale,
    case scale
        when 'nps_0_10' then case when rating >= 9 then 100.0 when rating <= 6 then -100.0 else 0.0 end
        when 'csat_1_5' then (rating >= 4)::integer::double
        else rating::double
    end as points
from feedback
where archived_at is null and is_rating(rating, scale);
