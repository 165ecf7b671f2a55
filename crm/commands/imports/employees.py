"""Employees, and on the way their teams and managers: a team that has no name of its own bears its manager's."""

from __future__ import annotations

from crm.commands.imports.incoming import Incoming
from crm.commands.imports.lookup import linked
from crm.commands.imports.records import decide, gather, write


def employees(incoming: Incoming) -> None:
    """One record per employee."""
    incoming.session.require("admin", "Importing employees")
    linked(incoming)
    columns = {name: name for name in incoming.fields if name not in ("external_id", "team", "manager")}
    columns |= {"role": incoming.given("role"), "team_id": "null"}
    email = f"lower({incoming.given('email')})"
    gather(
        incoming,
        "employees",
        columns,
        {email: "lower(entry.email)", "name_key(name)": "name_key(entry.name)"},
        needs="name",
    )
    _find_managers(incoming)
    _find_teams(incoming)
    _settle(incoming)
    decide(incoming, "employees")
    _write(incoming)


def _find_managers(incoming: Incoming) -> None:
    """Make `bosses`: the managers that the file names; they may be in it, in the store, or made on the way."""
    manager = incoming.given("manager")
    incoming.run(
        f"""
        create or replace temp table bosses as
        select name_key({manager}) as word, min({manager}) as name, null::uuid as employee_id, false as is_made
        from linked
        inner join matches using (row_no)
        where {manager} is not null and record_id in (select record_id from records)
        group by name_key({manager})
        """  # noqa: S608 - names come from fields.py
    )
    find = """
        update bosses
        set employee_id = found.key
        from (select name_key(name) as word, min({key}) as key from {table} where {alive} group by name_key(name)) as found
        where bosses.employee_id is null and found.word = bosses.word
    """
    incoming.run(find.format(key="record_id", table="records", alive="true"))
    incoming.run(find.format(key="employee_id", table="employees", alive="archived_at is null"))
    incoming.run("update bosses set employee_id = uuidv7(), is_made = true where employee_id is null")


def _find_teams(incoming: Incoming) -> None:
    """Make `crews`: the teams that the file names; one known by its manager alone is the manager's."""
    manager, region = incoming.given("manager"), incoming.given("region")
    incoming.run(
        f"""
        create or replace temp table crews as
        with named as (
            select row_no, coalesce({incoming.given("team")}, {manager}) as crew, name_key({manager}) as boss, {region} as region
            from linked
            inner join matches using (row_no)
            where record_id in (select record_id from records)
        )

        select
            name_key(crew) as word,
            min(crew) as name,
            arg_max(bosses.employee_id, row_no) as manager_id,
            case when min(region) = max(region) then min(region) end as region,
            null::uuid as team_id,
            false as is_made,
        from named
        left join bosses on bosses.word = named.boss
        where crew is not null
        group by name_key(crew)
        """  # noqa: S608 - names come from fields.py
    )
    find = """
        update crews
        set team_id = found.team_id
        from (select {word} as word, min(team_id) as team_id from teams where archived_at is null group by {word}) as found
        where crews.team_id is null and found.word = {crew}
    """
    incoming.run(find.format(word="name_key(name)", crew="crews.word"))
    if not incoming.has("team"):
        incoming.run(find.format(word="manager_id", crew="crews.manager_id"))
    incoming.run("update crews set team_id = uuidv7(), is_made = true where team_id is null")


def _settle(incoming: Incoming) -> None:
    """Each record's team, and the role of those who manage one."""
    incoming.run(
        f"""
        update records
        set team_id = placed.team_id
        from (
            select record_id, arg_max(crews.team_id, row_no) as team_id
            from linked
            inner join matches using (row_no)
            inner join crews on crews.word = name_key(coalesce({incoming.given("team")}, {incoming.given("manager")}))
            group by record_id
        ) as placed
        where placed.record_id = records.record_id
        """  # noqa: S608 - names come from fields.py
    )
    incoming.run(
        """
        update records
        set role = case when record_id in (select employee_id from bosses) then 'manager' else 'member' end
        where role is null
        """
    )


def _write(incoming: Incoming) -> None:
    """Teams first and their managers last, because each refers to the other."""
    change = incoming.change
    if incoming.wrote("teams", "created", "select count(*) from crews where is_made"):
        change.insert_from("teams", "select team_id, name, region from crews where is_made")
    if incoming.wrote("managers", "created", "select count(*) from bosses where is_made"):
        change.insert_from(
            "employees",
            """
            select bosses.employee_id, bosses.name, 'manager' as role, min(crews.team_id) as team_id, min(crews.region) as region
            from bosses
            left join crews on crews.manager_id = bosses.employee_id
            where bosses.is_made
            group by all
            """,
        )
    write(incoming, "employees")
    led = """
        select crews.team_id, crews.manager_id
        from crews
        left join teams on teams.team_id = crews.team_id
        where crews.manager_id is not null and teams.manager_id is distinct from crews.manager_id
    """
    if incoming.count(f"select count(*) from ({led})"):  # noqa: S608 - a constant
        incoming.wrote("teams", "updated", f"select count(*) from ({led}) where team_id in (select team_id from teams)")  # noqa: S608
        change.update_from("teams", "select team_id, manager_id from crews where manager_id is not null")
