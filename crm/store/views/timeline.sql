-- after: basics, loop, spans
-- Everything dated about our customers, one line each. Past only: an open task stands in task lists,
-- a done one here.
-- No joins for names: whoever shows fifty lines looks up the names of fifty (crm/queries/timeline.py), and so the latest
-- of ten million come in milliseconds. A stage change or a field change knows its customer through its deal or record.
-- A change that was undone and the undo itself cancel each other: both are left out.
-- twice: timeline, customer_timeline(of_customer)
with
    their_interactions as {one materialized} (
        select *
        from interactions
        {one where customer_id = of_customer}
    ),

    their_orders as {one materialized} (
        select *
        from orders
        {one where customer_id = of_customer}
    ),

    {one their_deals as materialized (
        select deal_id
        from deals
        where customer_id = of_customer
    ),}

    their_stage_changes as {one materialized} (
        select moved.*
        from stage_changes as moved
        {one inner join their_deals as deal on deal.deal_id = moved.deal_id}
    ),

    their_feedback as {one materialized} (
        select *
        from feedback
        {one where customer_id = of_customer}
    ),

    their_invitations as {one materialized} (
        select *
        from survey_invitations
        {one where customer_id = of_customer}
    ),

    their_tasks as {one materialized} (
        select *
        from tasks
        {one where customer_id = of_customer}
    ),

    their_actions as {one materialized} (
        select *
        from actions
        {one where action_id in (select action_id from tellings where customer_id = of_customer and archived_at is null)}
    ),

    {one their_records as materialized (
        select customer_id as record_id
        from customers
        where customer_id = of_customer
        union all
        select contact_id as record_id
        from contacts
        where customer_id = of_customer
        union all
        select deal_id as record_id
        from their_deals
    ),}

    their_changes as {one materialized} (
        select changed.*
        from changes as changed
        {one inner join their_records as record on record.record_id = changed.record_id}
    )

select
    occurred_at as happened_at,
    channel as kind,
    'interactions' as table_name,
    interaction_id as record_id,
    customer_id,
    contact_id,
    deal_id,
    employee_id,
    channel,
    direction,
    subject as title,
    note as body,
    null::decimal(14, 2) as amount,
    campaign,
    null::uuid as from_stage_id,
    null::uuid as to_stage_id,
    version as change_set_id,
from their_interactions
where archived_at is null

union all

select
    ordered_at as happened_at,
    'order' as kind,
    'orders' as table_name,
    order_id as record_id,
    customer_id,
    contact_id,
    deal_id,
    null as employee_id,
    channel,
    null as direction,
    number as title,
    note as body,
    amount,
    null as campaign,
    null as from_stage_id,
    null as to_stage_id,
    version as change_set_id,
from their_orders
where archived_at is null

union all

select
    changed_at as happened_at,
    'deal' as kind,
    'stage_changes' as table_name,
    stage_change_id as record_id,
    null as customer_id,
    null as contact_id,
    deal_id,
    null as employee_id,
    null as channel,
    null as direction,
    null as title,
    null as body,
    null as amount,
    null as campaign,
    from_stage_id,
    to_stage_id,
    version as change_set_id,
from their_stage_changes
where archived_at is null

union all

select
    received_at as happened_at,
    'feedback' as kind,
    'feedback' as table_name,
    feedback_id as record_id,
    customer_id,
    contact_id,
    null as deal_id,
    employee_id,
    channel,
    null as direction,
    concat_ws(
        ' ',
        replace(kind, '_', ' '),
        case when rating is not null then concat_ws(' of ', rating, split_part(scale, '_', 3)) end
    ) as title,
    text as body,
    null as amount,
    null as campaign,
    null as from_stage_id,
    null as to_stage_id,
    version as change_set_id,
from their_feedback
where archived_at is null

union all

select
    invited_at as happened_at,
    'survey' as kind,
    'survey_invitations' as table_name,
    survey_invitation_id as record_id,
    customer_id,
    contact_id,
    null as deal_id,
    null as employee_id,
    null as channel,
    'outbound' as direction,
    null as title,
    null as body,
    null as amount,
    null as campaign,
    null as from_stage_id,
    null as to_stage_id,
    version as change_set_id,
from their_invitations
where archived_at is null

union all

select
    done_at as happened_at,
    'task' as kind,
    'tasks' as table_name,
    task_id as record_id,
    customer_id,
    contact_id,
    deal_id,
    owner_id as employee_id,
    null as channel,
    null as direction,
    title,
    note as body,
    null as amount,
    null as campaign,
    null as from_stage_id,
    null as to_stage_id,
    version as change_set_id,
from their_tasks
where archived_at is null and done_at is not null

union all

select
    day_start(changed_on) as happened_at,
    'action' as kind,
    'actions' as table_name,
    action_id as record_id,
    null as customer_id,
    null as contact_id,
    null as deal_id,
    owner_id as employee_id,
    null as channel,
    null as direction,
    'changed: ' || name as title,
    changed_note as body,
    null as amount,
    null as campaign,
    null as from_stage_id,
    null as to_stage_id,
    version as change_set_id,
from their_actions
where archived_at is null and changed_on is not null

union all

select
    made.made_at as happened_at,
    'change' as kind,
    changed.table_name,
    changed.record_id,
    null as customer_id,
    null as contact_id,
    null as deal_id,
    made.actor_id as employee_id,
    null as channel,
    null as direction,
    null as title,
    null as body,
    null as amount,
    null as campaign,
    null as from_stage_id,
    null as to_stage_id,
    made.change_set_id,
from their_changes as changed
inner join change_sets as made on made.change_set_id = changed.change_set_id
where
    -- One expression over both tables, so that it is not pushed down to where it would lose the index.
    case when made.undone_by is null and made.undoes is null then changed.operation end = 'update'
    and case when made.undone_by is null then changed.table_name end in ('customers', 'contacts', 'deals')
