"""What became of targets: each time one was set, by whom; and what the figure was before one is set again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from crm.queries import figures
from crm.queries.periods import Period
from crm.store.session import Session

LOOK_BACK = 8


def changes_of(session: Session, touching: Period, limit: int = 200) -> list[dict[str, Any]]:
    """One row per time that a goal that runs in this period was set, changed, archived or brought back, the latest first.

    An undo is a change like any other here: who looks for why a target is what it is, finds every step. The history keeps
    no values of an insert: the first target is what the next change replaced, else what stands now.
    """
    return session.rows(
        """
        with
        wanted as materialized (
            select
                goal_id,
                figure,
                scope_name,
                starts_on,
                ends_on,
                target
            from goal_details
            where starts_on <= $last_day and ends_on >= $first_day
        ),

        steps as (
            select
                wanted.* exclude (target),
                change_sets.made_at,
                change_sets.actor_name,
                change_sets.title,
                changes.change_set_id,
                changes.operation,
                (changes.before ->> 'target')::double as from_target,
                coalesce(
                    (changes.after ->> 'target')::double,
                    first_value((changes.before ->> 'target')::double ignore nulls) over later,
                    wanted.target
                ) as to_target,
                (changes.before ->> 'archived_at') is not null as was_archived,
                (changes.after ->> 'archived_at') is not null as is_archived
            from changes
            inner join wanted on wanted.goal_id = changes.record_id
            inner join change_sets on change_sets.change_set_id = changes.change_set_id
            where changes.table_name = 'goals' and changes.operation <> 'delete'
            window later as (
                partition by changes.record_id
                order by change_sets.made_at, changes.change_set_id, changes.position
                rows between 1 following and unbounded following
            )
        )

        select
            * exclude (operation, was_archived, is_archived),
            case
                when operation = 'insert' then 'set'
                when is_archived and not was_archived then 'archived'
                when was_archived and not is_archived then 'brought back'
                else 'changed'
            end as did
        from steps
        where operation = 'insert' or from_target <> to_target or was_archived <> is_archived
        order by made_at desc, change_set_id desc, figure, scope_name, goal_id
        limit $limit
        """,
        first_day=touching.start,
        last_day=touching.end,
        limit=limit,
    )


@dataclass(frozen=True)
class Facts:
    """What a figure was in the periods of one kind that ended last, the oldest first; none from before it began."""

    periods: tuple[Period, ...]
    values: tuple[float, ...]
    more_is_better: bool

    def reached(self, target: float) -> int:
        """In how many of them this target would have been reached.

        >>> Facts((), (90.0, 110.0, 100.0), more_is_better=True).reached(100)
        2
        """
        return sum(value >= target if self.more_is_better else value <= target for value in self.values)


def facts(session: Session, key: str, period: Period, **filters: Any) -> Facts:
    """The figure in the last eight periods of this kind that are over: one question however many they are."""
    ended = _ended_before(period, session)
    values = figures.series(session, key, ended, **filters)
    began = list(dropwhile(lambda pair: not pair[1], zip(ended, values, strict=True)))
    known = [(each, float(value)) for each, value in began if value is not None]
    return Facts(tuple(each for each, _ in known), tuple(value for _, value in known), figures.figure_of(key).more_is_better)


def _ended_before(period: Period, session: Session) -> list[Period]:
    """The last periods of this kind before this one that are over, the oldest first."""
    newest = period.shifted(-1)
    while newest.end >= session.today:
        newest = newest.shifted(-1)
    return [newest.shifted(-steps) for steps in range(LOOK_BACK)][::-1]
