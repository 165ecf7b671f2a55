"""The stages that a file of deals names: by name in the pipeline, then by the outcome of an alias.

In a company that has no deals yet the file's own stages become the pipeline, in order of appearance; later an unknown stage
rejects its row, because a typing error must not become a step of the sale.
"""

from __future__ import annotations

from crm.commands.imports.incoming import Incoming, quoted

NOBODYS = "00000000-0000-0000-0000-000000000000"
USED = "stage_id in (select stage_id from records)"
# Won and lost stand after the open stages, however many these are.
ENDS_LAST = """
    with opened as (
        select pipeline_id, count(*) as number
        from pipeline_plan
        group by pipeline_id
    )

    select stages.stage_id, opened.number + row_number() over (partition by pipeline_id order by stages.position) as position
    from stages
    inner join opened using (pipeline_id)
    where stages.outcome <> 'open' and stages.archived_at is null and stages.position <= opened.number
"""


def find(incoming: Incoming) -> None:
    """Link rows to stages in `stage_of`; `stage_words` holds each stage that the file names, once."""
    _words(incoming)
    _known(incoming)
    if _is_first(incoming):
        incoming.run("update stage_words set stage_id = uuidv7(), outcome = 'open', is_made = true where stage_id is null")
    stage = incoming.given("stage")
    incoming.run(
        f"""
        create or replace temp table stage_of as
        select row_no, stage_words.stage_id, stage_words.outcome
        from typed
        inner join pipeline_of using (row_no)
        inner join stage_words on stage_words.pipeline_id = pipeline_of.pipeline_id and stage_words.word = name_key({stage})
        """  # noqa: S608 - names come from fields.py
    )
    incoming.reject(
        "stage",
        f"""
        select row_no, 'there is no stage ' || {quoted(stage)} || ': add it to the pipeline, or correct the name' as reason
        from typed
        inner join stage_of using (row_no)
        where stage_of.stage_id is null
        """,  # noqa: S608 - names come from fields.py
    )
    for column in ("stage_id", "outcome"):
        incoming.link(column, f"stage_of.{column}", "left join stage_of on stage_of.row_no = typed.row_no")


def _is_first(incoming: Incoming) -> bool:
    """Whether the file may bring its own stages."""
    return incoming.session.may("admin") and not incoming.count("select count(*) from deals")


def _words(incoming: Incoming) -> None:
    pipeline, stage = incoming.given("pipeline"), incoming.given("stage")
    incoming.run(
        f"""
        create or replace temp table pipeline_of as
        with first as (
            select arg_min(pipeline_id, position) as pipeline_id
            from pipelines
            where archived_at is null
        )

        select typed.row_no, coalesce(any_value(pipelines.pipeline_id), any_value(first.pipeline_id)) as pipeline_id
        from typed
        cross join first
        left join pipelines on name_key(pipelines.name) = name_key({pipeline}) and pipelines.archived_at is null
        group by typed.row_no
        """  # noqa: S608 - names come from fields.py
    )
    incoming.run(
        f"""
        create or replace temp table stage_words as
        select
            pipeline_id,
            name_key({stage}) as word,
            arg_min({stage}, row_no) as name,
            min(row_no) as first_row,
            null::uuid as stage_id,
            null::varchar as outcome,
            false as is_made,
        from typed
        inner join pipeline_of using (row_no)
        where {stage} is not null
        group by pipeline_id, name_key({stage})
        """  # noqa: S608 - names come from fields.py
    )


def _known(incoming: Incoming) -> None:
    """A stage of that name, else the first stage with the outcome that the alias means."""
    by_name = "select pipeline_id, name_key(name) as word, stage_id, outcome, position from stages where archived_at is null"
    by_alias = """
        select stages.pipeline_id, stage_words.word, stages.stage_id, stages.outcome, stages.position
        from stage_words
        inner join stage_aliases on loose_key(stage_aliases.alias) = loose_key(stage_words.word)
        inner join stages on stages.pipeline_id = stage_words.pipeline_id and stages.outcome = stage_aliases.outcome
        where stages.archived_at is null and stage_aliases.archived_at is null
    """
    for found in (by_name, by_alias):
        incoming.run(
            f"""
            update stage_words
            set stage_id = found.stage_id, outcome = found.outcome
            from (
                select pipeline_id, word, arg_min(stage_id, position) as stage_id, arg_min(outcome, position) as outcome
                from ({found})
                group by pipeline_id, word
            ) as found
            where stage_words.stage_id is null
            and found.pipeline_id = stage_words.pipeline_id
            and found.word = stage_words.word
            """  # noqa: S608 - constants of this module
        )


def write(incoming: Incoming) -> None:
    """Where the file brings its own stages: add them, and put aside the open stages that nobody chose or used."""
    if not incoming.wrote("stages", "created", f"select count(*) from stage_words where is_made and {USED}"):  # noqa: S608
        return
    incoming.run(
        f"""
        create or replace temp table pipeline_plan as
        select *, row_number() over (partition by pipeline_id order by first_row) as position
        from stage_words
        where outcome = 'open' and {USED} and pipeline_id in (select pipeline_id from stage_words where is_made)
        """  # noqa: S608 - constants of this module
    )
    change, session = incoming.change, incoming.session
    change.insert_from("stages", "select stage_id, pipeline_id, name, position, outcome from pipeline_plan where is_made")
    change.update_from("stages", "select stage_id, position from pipeline_plan where not is_made")
    change.update_from("stages", ENDS_LAST)
    unused = f"""
        select stage_id
        from stages
        where version = '{NOBODYS}' and outcome = 'open' and archived_at is null
        and pipeline_id in (select pipeline_id from pipeline_plan)
        and stage_id not in (select stage_id from pipeline_plan)
    """  # noqa: S608 - constants of this module
    incoming.wrote("stages", "archived", f"select count(*) from ({unused})")  # noqa: S608
    change.update_from("stages", f"select stage_id, $now::timestamp as archived_at from ({unused})", now=session.now)  # noqa: S608
    _say(incoming)


def _say(incoming: Incoming) -> None:
    names = incoming.rows("select name from pipeline_plan where is_made order by position")
    listed = ", ".join(f"“{name}”" for (name,) in names)
    incoming.notes.append(
        f"There were no deals yet: {listed} became open stages of the pipeline, in order of appearance, in place of the "
        "prepared ones."
    )
