"""Goals: a target for a figure, a scope and a period, and known again by these three."""

from __future__ import annotations

from collections.abc import Callable

from crm.commands.imports import lookup
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.records import decide, gather, write
from crm.errors import Refused
from crm.exchange.headers import normalised
from crm.queries import periods
from crm.queries.registry import FIGURES

KEY = "concat_ws('|', {0}figure, {0}scope, coalesce({0}team_id, {0}employee_id), {0}starts_on, {0}ends_on)"
PLACED = ("figure", "scope", "starts_on", "ends_on")
KNOWN_FIGURES = {normalised(name): key for key, figure in FIGURES.items() for name in (figure.title, key)}


def goals(incoming: Incoming) -> None:
    """One record per goal."""
    _find_figures(incoming)
    _find_periods(incoming)
    lookup.owner(incoming, "employee_id")
    lookup.find(incoming, "team", "teams", lookup.TEAMS, "named_team_id")
    _find_teams_by_manager(incoming)
    lookup.objective(incoming)
    lookup.linked(incoming)
    _place(incoming)
    linked = ("team_id", "employee_id", "objective_id")
    columns = {name: name for name in ("figure", "scope", "starts_on", "ends_on", "target", *linked)}
    columns["note"] = incoming.given("note")
    gather(incoming, "goals", columns, {KEY.format(""): KEY.format("entry.")}, needs="target")
    decide(incoming, "goals")
    write(incoming, "goals")


def _read_words(incoming: Incoming, name: str, columns: str, read: Callable[[str], tuple[object, ...]]) -> None:
    """Make `<name>_words`: each distinct cell with what `read` makes of it; one that it refuses rejects its rows."""
    incoming.run(f"create or replace temp table {name}_words (word varchar, {columns})")
    if not incoming.has(name):
        return
    for (word,) in incoming.rows(f"select distinct {name} from typed where {name} is not null"):  # noqa: S608 - a field's name
        try:
            values = dict(zip("abc", (word, *read(word)), strict=False))
        except Refused as refused:
            text = refused.message
            incoming.reject(name, f"select row_no, $text as reason from typed where {name} = $word", text=text, word=word)  # noqa: S608
        else:
            incoming.run(f"insert into {name}_words values ({', '.join(f'${key}' for key in values)})", **values)  # noqa: S608


def _find_figures(incoming: Incoming) -> None:
    _read_words(incoming, "figure", "key varchar", _figure)
    incoming.link("figure_key", "figure_words.key", "left join figure_words on figure_words.word = typed.figure")


def _figure(word: str) -> tuple[object, ...]:
    key = KNOWN_FIGURES.get(normalised(word))
    if key is None:
        raise Refused(f"there is no figure “{word[:60]}”: use the name it has on the Goals page")
    return (key,)


def _find_periods(incoming: Incoming) -> None:
    first_month = int(incoming.session.settings["first_month_of_year"])

    def read(word: str) -> tuple[object, ...]:
        period = periods.parse(word, first_month)
        return period.start, period.end

    _read_words(incoming, "period", "first_day date, last_day date", read)
    word = f"typed.{incoming.given('period')}" if incoming.has("period") else "null"
    join = f"left join period_words on period_words.word = {word}"
    for column in ("first_day", "last_day"):
        incoming.link(column, f"period_words.{column}", join)


def _find_teams_by_manager(incoming: Incoming) -> None:
    """A manager's name stands for the team they lead."""
    lookup.find(incoming, "manager", "employees", lookup.EMPLOYEES, "manager_id")
    incoming.run(
        """
        create or replace temp table led as
        select manager_id, min(team_id) as team_id
        from teams
        where archived_at is null and manager_id is not null
        group by manager_id
        """
    )
    leader = "manager_found.record_id" if incoming.has("manager") else "null"
    join = f"{incoming.links['manager_id'][1]} left join led on led.manager_id = {leader}"
    incoming.links["manager_id"] = (incoming.links["manager_id"][0], join)
    incoming.link("led_team_id", "led.team_id", join)


def _place(incoming: Incoming) -> None:
    """Give each row its scope and days, and reject those for which a part is missing or not the actor's to set."""
    incoming.run(
        f"""
        create or replace temp table linked as
        with scoped as (
            select
                linked.* exclude ({", ".join(name for name in PLACED if incoming.has(name))}),
                figure_key as figure,
                coalesce(named_team_id, led_team_id) as any_team_id,
                coalesce(
                    {incoming.given("scope")},
                    case
                        when employee_id is not null then 'employee'
                        when coalesce(named_team_id, led_team_id) is not null then 'team'
                        else 'company'
                    end
                ) as scope,
                coalesce(first_day, {incoming.given("starts_on", "null::date")}) as starts_on,
                coalesce(last_day, {incoming.given("ends_on", "null::date")}) as ends_on,
            from linked
        )

        select
            * replace (case when scope = 'employee' then employee_id end as employee_id),
            case when scope = 'team' then any_team_id end as team_id,
        from scoped
        """  # noqa: S608 - names come from fields.py
    )
    leads = incoming.session.may("leader")
    for name, fault, reason in (
        ("figure", "figure is null", "is missing: every goal needs a figure"),
        ("period", "starts_on is null or ends_on is null", "is missing: every goal needs its first and its last day"),
        ("period", "ends_on < starts_on", "ends before it starts"),
        ("team", "scope = 'team' and team_id is null", "is missing: name the team, or a manager who leads one"),
        ("owner", "scope = 'employee' and employee_id is null", "is missing: name the employee"),
        ("scope", f"scope = 'company' and not {leads}", "is the company: leaders set its goals, ask one of them"),
    ):
        incoming.reject(name, f"select row_no, $text as reason from linked where {fault}", text=reason)  # noqa: S608
    incoming.run("delete from linked where row_no in (select row_no from faults)")
