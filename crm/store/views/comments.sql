-- after: basics, spans
-- What people tell us in their own words, and what it is about. What somebody said of a comment counts at once, and before what the
-- machine found.

-- One row per text of a customer or an employee. Of the reasons for an eNPS answer only those that have come to light, without their
-- ratings.
create or replace view comments as
select
    feedback_id as comment_id,
    'customers' as corpus,
    text,
    received_at,
    customer_id,
    contact_id,
    product_id,
    employee_id,
    kind,
    rating,
    scale,
    survey_id
from feedback
where archived_at is null and text is not null
union all
select
    idea_id as comment_id,
    'employees' as corpus,
    text,
    day_start(said_on) as received_at,
    null as customer_id,
    null as contact_id,
    null as product_id,
    employee_id,
    kind,
    null as rating,
    null as scale,
    null as survey_id
from ideas
where archived_at is null
union all
select
    enps_answer_id as comment_id,
    'employees' as corpus,
    text,
    day_start(starts_on) as received_at,
    null as customer_id,
    null as contact_id,
    null as product_id,
    null as employee_id,
    'enps' as kind,
    null as rating,
    null as scale,
    null as survey_id
from enps_answers
where archived_at is null and text is not null and is_released;

-- One row per theme, with the one that its comments count for: itself, or the theme that it was merged into.
create or replace view theme_heirs as
select
    themes.theme_id,
    themes.corpus,
    coalesce(heirs.theme_id, themes.theme_id) as heir_id,
    heirs.theme_id is not null as is_merged
from themes
left join themes as heirs on heirs.theme_id = themes.merged_into_id and heirs.archived_at is null
where themes.archived_at is null or heirs.theme_id is not null;

-- A tone in a word; what lies within 0.05 of nothing says nothing (the bands of its makers).
create or replace macro tone(sentiment) as case
    when sentiment <= -0.05 then 'negative'
    when sentiment >= 0.05 then 'positive'
    when sentiment is not null then 'neutral'
end;

-- A tone as a number, as people say it.
create or replace macro tone_number(word) as case word
    when 'negative' then -1.0
    when 'neutral' then 0.0
    when 'positive' then 1.0
end;

-- One row per comment that was read, or whose tone somebody corrected.
create or replace view comment_tones as
select
    comment_id,
    coalesce(tone_number(marks.sentiment), readings.sentiment) as sentiment,
    case when marks.sentiment is not null then 'person' else readings.read_by end as read_by
from comment_readings as readings
full join (
    select
        comment_id,
        sentiment
    from sentiment_marks
    where archived_at is null
) as marks using (comment_id);

-- One row per comment and theme that fits it, with who said it when: what a theme's figures count. First what was found, scanned and
-- not kept, so that a question about a month reads a month; then the few that merges and pins have added since.
create or replace view theme_mentions as
with
marks as (
    select
        comment_id,
        theme_id,
        fits
    from theme_marks
    where archived_at is null
),

tones as (
    select
        comment_id,
        tone_number(sentiment) as sentiment
    from sentiment_marks
    where archived_at is null
),

merged as (
    select
        finds.comment_id,
        heirs.heir_id as theme_id,
        min(finds.clause_start) as clause_start,
        min_by(finds.clause_end, finds.clause_start) as clause_end,
        min_by(finds.sentiment, finds.clause_start) as sentiment,
        min_by(finds.found_by, finds.clause_start) as found_by
    from comment_themes as finds
    inner join theme_heirs as heirs on heirs.theme_id = finds.theme_id and heirs.is_merged
    group by finds.comment_id, heirs.heir_id
),

added as (
    select
        comment_id,
        theme_id
    from merged
    union
    select
        marks.comment_id,
        marks.theme_id
    from marks
    inner join themes on themes.theme_id = marks.theme_id and themes.archived_at is null
    where marks.fits
),

known as (
    select
        finds.comment_id,
        finds.theme_id
    from comment_themes as finds
    inner join added on added.comment_id = finds.comment_id and added.theme_id = finds.theme_id
)

select
    finds.theme_id,
    comments.*,
    finds.clause_start,
    finds.clause_end,
    coalesce(tones.sentiment, finds.sentiment) as sentiment,
    case when marks.fits then 'person' else finds.found_by end as found_by
from comment_themes as finds
inner join comments on comments.comment_id = finds.comment_id
inner join themes on themes.theme_id = finds.theme_id and themes.archived_at is null
left join marks on marks.comment_id = finds.comment_id and marks.theme_id = finds.theme_id
left join tones on tones.comment_id = finds.comment_id
where marks.fits is not false
union all
select
    added.theme_id,
    comments.*,
    coalesce(merged.clause_start, 0) as clause_start,
    coalesce(merged.clause_end, 0) as clause_end,
    coalesce(tones.sentiment, merged.sentiment, readings.sentiment, 0) as sentiment,
    case when marks.fits then 'person' else merged.found_by end as found_by
from added
inner join comments on comments.comment_id = added.comment_id
left join merged on merged.comment_id = added.comment_id and merged.theme_id = added.theme_id
left join marks on marks.comment_id = added.comment_id and marks.theme_id = added.theme_id
left join tones on tones.comment_id = added.comment_id
left join comment_readings as readings on readings.comment_id = added.comment_id
where marks.fits is not false
and (added.comment_id, added.theme_id) not in (select (known.comment_id, known.theme_id) from known);

-- The same without who said it: for whoever knows the comment.
create or replace view theme_finds as
select
    comment_id,
    theme_id,
    clause_start,
    clause_end,
    sentiment,
    found_by
from theme_mentions;
